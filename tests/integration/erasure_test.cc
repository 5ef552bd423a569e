// Erasure and opening on the real programs, whose clock the test moves: what is due is in no file afterwards, also
// after a restore of the whole log; pseudonyms are opened by both parties only, and everybody is told later.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/codec.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/pseudonym/day.h"
#include "audit/store/folder.h"
#include "policy/base/note/note.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

namespace fs = std::filesystem;
using audit::event::RecordType;
using policy::base::Instant;
using policy::base::Seconds;
using tests::support::program;
using tests::support::read_file;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;

constexpr std::int64_t kDay_s = 86400;

// Polls ten times a second, for a minute at most.
template <typename Condition>
bool wait_until(Condition condition) {
  for (int i = 0; i < 600 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return condition();
}

class Erasure : public ::testing::Test {
 protected:
  void start(std::vector<std::string> arguments) {
    station_.emplace("erasure", Station::Options{.people = {{"anna"}},
                                                 .roster = tests::support::roster_header(),
                                                 .packs = {},
                                                 .gateway_arguments = std::move(arguments),
                                                 .directory_arguments = {},
                                                 .environment = {},
                                                 .movable_clock = true});
    station_->start_relay();
    station_->start_gateway();
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  Instant now() const { return station_->clock().now(); }
  // To an instant that is just before a full minute: then the gateway does what it does once a day.
  void move_clock_by(std::int64_t days) {
    const Instant then{now().unix_s + days * kDay_s};
    station_->move_clock(station_->clock_ahead() + Seconds{days * kDay_s + 57 - then.unix_s % 60});
  }
  fs::path audit() const { return station_->gateway_data() / "audit"; }
  std::string year() const { return policy::base::format_instant(now()).substr(0, 4); }
  std::string shown(const std::string& of_year, const std::string& type) const {
    const auto done = tests::support::run({program("feierabend-audit"), "show", (audit() / of_year).string(), "--key",
                                           (audit() / (of_year + ".vkey")).string(), "--type", type, "--purpose",
                                           "deletion-proof", "--readings", (station_->folder() / "readings").string()},
                                          {}, 60'000, {{"LANG", "C"}});
    return done.out + done.err;
  }
  void log_in_and_fail_once() {
    TestDevice device(station_->url(), station_->ca(), &station_->clock());
    device.log_in("anna", secret_);
    TestDevice other(station_->url(), station_->ca(), &station_->clock());
    EXPECT_FALSE(other.login("anna", secret_, 1, "falsch"));
    // So that the next one waits for nobody's consent.
    EXPECT_TRUE(device.api().remove_device(device.credentials(), device.id()));
  }

  std::string secret_;
  std::optional<Station> station_;
};

// Keys and ciphertexts of entries that live three months, as they stand.
std::vector<std::string> short_lived_secrets(const fs::path& log) {
  const auto objects = audit::store::FolderObjects::open_to_read(log.string()).value();
  const auto note = objects->get(audit::log::kCheckpointPath).value().value();
  const auto text = policy::base::note::parse_note(policy::base::as_text(note)).value().text;
  const std::uint64_t size = audit::checkpoint::parse_checkpoint(text).value().size;
  const auto stored = audit::log::read_tile(*objects, std::nullopt, 0, size).value();
  const auto leaves = audit::merkle::read_bundle(stored.bytes, stored.tile.width).entries;
  const auto keys = objects->get(audit::log::keys_path(0)).value().value();
  const auto records =
      audit::merkle::read_bundle(objects->get(audit::log::records_path(0)).value().value(), 256).entries;
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const auto type = audit::event::decode_leaf(leaves[i]).value().type;
    if (type != RecordType::kLoginRefused && type != RecordType::kSessionOpened) continue;
    secrets.emplace_back(reinterpret_cast<const char*>(keys.data()) + i * 32, 32);
    secrets.emplace_back(records.at(i).begin(), records.at(i).end());
  }
  return secrets;
}

std::size_t found_below(const fs::path& folder, const std::vector<std::string>& secrets) {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += read_file(entry.path());
  return static_cast<std::size_t>(
      std::ranges::count_if(secrets, [&](const std::string& one) { return all.find(one) != std::string::npos; }));
}

TEST_F(Erasure, WhatIsDueIsInNoFileAlsoAfterARestore) {
  TemporaryFolder elsewhere("erasures");
  start({"--audit-erasures-copy", fs::path(elsewhere / "").string()});
  log_in_and_fail_once();
  const std::string old_year = year();
  std::vector<std::string> secrets;
  ASSERT_TRUE(wait_until([&] {
    secrets = short_lived_secrets(audit() / old_year);
    return secrets.size() >= 4;
  }));
  ASSERT_EQ(found_below(audit(), secrets), secrets.size()) << "the test would find them";
  fs::copy(audit(), station_->folder() / "backup", fs::copy_options::recursive);

  move_clock_by(400);
  EXPECT_TRUE(wait_until([&] { return found_below(audit(), secrets) == 0; }));
  EXPECT_TRUE(wait_until([&] { return shown(year(), "erasure-done").find("three-months") != std::string::npos; }))
      << shown(year(), "erasure-done");

  // The whole log of that year as it was, with its list of erasures: only the copy elsewhere knows better.
  station_->gateway().kill();
  fs::remove_all(audit() / old_year);
  fs::copy(station_->folder() / "backup" / old_year, audit() / old_year, fs::copy_options::recursive);
  ASSERT_GT(found_below(audit(), secrets), 0U);
  station_->start_gateway();
  EXPECT_EQ(found_below(audit(), secrets), 0U);
  const auto verified = tests::support::run({program("feierabend-audit"), "verify", (audit() / old_year).string(),
                                             "--key", (audit() / (old_year + ".vkey")).string()},
                                            {}, 60'000, {{"LANG", "C"}});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(Erasure, PseudonymsAreOpenedByBothPartiesAndEverybodyIsToldLater) {
  TemporaryFolder parties("parties");
  const auto tool = [&](std::vector<std::string> words) {
    words.insert(words.begin(), program("feierabend-audit"));
    const auto done = tests::support::run(words, {}, 60'000, {{"LANG", "C"}});
    EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
    return done.out.substr(0, done.out.find('\n'));
  };
  const std::string officer = fs::path(parties / "dpo").string(), council = fs::path(parties / "br").string();
  start({"--audit-officer-signer", tool({"keygen", "polizei-test.example/dpo", "--out", officer}),
         "--audit-council-signer", tool({"keygen", "polizei-test.example/br", "--out", council})});
  log_in_and_fail_once();
  const std::string day = policy::base::format_instant(now()).substr(0, 10);
  move_clock_by(1);
  const std::string one = fs::path(parties / "one.request").string(),
                    both = fs::path(parties / "both.request").string();
  // The tool's clock is the system's, a day behind: the request is valid for two weeks of it.
  tool({"open-request", "--tenant", "polizei-test.example", "--from", day, "--to", day, "--purpose", "incident",
        "--signing-key", officer, "--out", one});
  tool({"sign-request", one, "--signing-key", council, "--out", both});
  fs::copy(one, audit() / "openings" / "one.request");
  EXPECT_TRUE(wait_until([&] { return fs::exists(audit() / "openings" / "one.refused"); }));
  EXPECT_FALSE(fs::exists(audit() / "openings" / "one.answer"));
  fs::copy(both, audit() / "openings" / "both.request");
  EXPECT_TRUE(wait_until([&] { return fs::exists(audit() / "openings" / "both.answer"); }));
  EXPECT_NE(read_file(audit() / "openings" / "both.answer").find("part " + day + " "), std::string::npos);
  EXPECT_TRUE(wait_until([&] { return !fs::exists(audit() / "openings" / "both.request"); }));
  EXPECT_NE(shown(year(), "opening-refused").find("data protection officer only"), std::string::npos);
  EXPECT_NE(shown(year(), "pseudonyms-opened").find("security incident"), std::string::npos);

  TestDevice device(station_->url(), station_->ca(), &station_->clock());
  device.log_in("anna", secret_);
  EXPECT_EQ(device.api().ledger(device.credentials())->pseudonym_openings_size(), 0) << "not yet";
  // The only device of the person, so that the next one waits for nobody.
  ASSERT_TRUE(device.api().remove_device(device.credentials(), device.id()));
  move_clock_by(31);
  TestDevice later(station_->url(), station_->ca(), &station_->clock());
  later.log_in("anna", secret_);
  const auto ledger = later.api().ledger(later.credentials());
  ASSERT_TRUE(ledger) << policy::base::to_string(ledger.error());
  ASSERT_EQ(ledger->pseudonym_openings_size(), 1);
  EXPECT_EQ(ledger->pseudonym_openings(0).purpose(), "incident");
  EXPECT_EQ(policy::base::format_instant({ledger->pseudonym_openings(0).begin_s()}).substr(0, 10), day);
}

}  // namespace
