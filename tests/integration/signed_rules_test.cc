// Signed rules on the real programs: two parties sign with feierabend-policy, the gateway puts the bundle into force at
// its second and running gates follow; what is not signed by all, altered, old or expired is refused and logged; what
// was held is decided again from the log's entry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <thread>

#include "audit/pseudonym/pseudonym.h"
#include "policy/base/sha256.h"
#include "tests/support/station/off_duty_pack.h"
#include "tests/support/station/open_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using testing::HasSubstr;
using tests::support::program;
using tests::support::read_file;
using tests::support::run;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
using tests::support::write_file;

constexpr const char* kTenant = "polizei-test.example";
constexpr int kPatience_ms = 20'000;

Instant now() { return policy::base::SystemClock().now(); }
void sleep_ms(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

class SignedRules : public ::testing::Test {
 protected:
  SignedRules() {
    std::string trust;
    for (const char* const key : {"administration", "staff-council", "second"}) {
      const std::string party = std::string(key) == "second" ? "administration" : key;
      trust += tool({"keygen", "--party", party, "--tenant", kTenant, "--out", path(std::string(key) + ".key")}).out;
    }
    write_file(folder_ / "trust", trust);
    write_file(folder_ / "closed.toml", tests::support::kOffDutyPack);
    write_file(folder_ / "open.toml", tests::support::kOpenPack);
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static tests::support::Finished tool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("feierabend-policy"));
    return run(arguments);
  }
  static std::string hex_of(const std::string& bytes) { return policy::base::to_hex(policy::base::sha256(bytes)); }

  // A bundle of this revision, signed by these keys; the files lie ready, under its revision's name.
  std::string make(int revision, const std::string& pack, Instant from, const std::vector<std::string>& keys,
                   Seconds lasts = Seconds{3 * 86400}) {
    const std::string file = path("revision-" + std::to_string(revision));
    std::filesystem::remove(file);
    std::filesystem::remove(file + ".note");
    const auto made =
        tool({"bundle", "--out", file, "--tenant", kTenant, "--revision", std::to_string(revision), "--not-before",
              format_instant(from), "--expires", format_instant(from + lasts), path(pack)});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    for (const auto& key : keys) {
      const auto done = tool({"sign", file, "--key", path(key + ".key")});
      EXPECT_EQ(done.exit_code, 0) << done.err;
    }
    return file;
  }
  // In the place that the gateway looks at. The signatures first: without them the bundle is refused, once more.
  void put(const std::string& file) const {
    for (const char* const suffix : {".note", ""}) {
      write_file(folder_ / "arriving", read_file(file + suffix));
      std::filesystem::rename(folder_ / "arriving", path("rules") + suffix);
    }
  }

  void start() {
    station_.emplace("signed",
                     Station::Options{.people = {{"anna"}, {"bernd"}},
                                      .roster = {},
                                      .packs = {},
                                      .gateway_arguments = {"--bundle", path("rules"), "--bundle-trust", path("trust")},
                                      .directory_arguments = {},
                                      .environment = {},
                                      .no_packs = true});
    station_->start_relay();
    station_->start_gateway();
    anna_.emplace(station_->url(), station_->ca());
    bernd_.emplace(station_->url(), station_->ca());
    anna_->log_in("anna", anna_secret_);
    bernd_->log_in("bernd", bernd_secret_);
    ASSERT_TRUE(anna_->connect());
    ASSERT_TRUE(bernd_->connect());
  }

  std::string log_of(const std::string& type) const {
    const auto year = std::to_string(audit::pseudonym::year_of(now()));
    return run({program("feierabend-audit"), "show", (station_->gateway_data() / "audit" / year).string(), "--type",
                type, "--json", "--purpose", "lawfulness", "--readings", (station_->folder() / "readings").string()})
        .out;
  }
  bool logged(const std::string& type, const std::string& text) const {
    for (int waited = 0; waited < kPatience_ms; waited += 200, sleep_ms(200))
      if (log_of(type).find(text) != std::string::npos) return true;
    return false;
  }

  TemporaryFolder folder_{"signed-rules"};
  std::optional<Station> station_;
  std::optional<TestDevice> anna_, bernd_;
  std::string anna_secret_, bernd_secret_;
};

TEST_F(SignedRules, ComeIntoForceAtTheirSecondWithoutARestart) {
  put(make(1, "closed.toml", now() - kHour, {"administration", "staff-council"}));
  start();
  const auto conversation = anna_->open({"bernd"});
  const auto held = anna_->send(conversation, "wartet");
  ASSERT_TRUE(held) << policy::base::to_string(held.error());
  EXPECT_TRUE(held->later());
  const Instant hour = now() + Seconds{8};
  put(make(2, "open.toml", hour, {"staff-council", "administration"}));
  const auto delivery = bernd_->next_delivery(kPatience_ms);
  ASSERT_TRUE(delivery) << "the gate did not open";
  EXPECT_GE(now(), hour) << "before its hour";
  EXPECT_EQ(bernd_->read(*delivery), "wartet");
  EXPECT_TRUE(logged("rules-bundle-activated", R"("revision":"2","not_before":")" + format_instant(hour)));
}

TEST_F(SignedRules, WhatNotAllHaveSignedIsRefusedAndLogged) {
  const std::vector<std::string> both{"administration", "staff-council"};
  put(make(1, "closed.toml", now() - kHour, both));
  start();
  put(make(2, "open.toml", now() - kHour, both));
  ASSERT_TRUE(logged("rules-bundle-activated", R"("revision":"2")"));
  const auto refused = [&](const std::string& file, const std::string& reason) {
    put(file);
    EXPECT_TRUE(
        logged("bundle-refused", R"({"bundle":")" + hex_of(read_file(file)) + R"(","reason":")" + reason + "\""))
        << reason << "\n"
        << log_of("bundle-refused");
  };
  refused(make(3, "closed.toml", now() - kHour, {"administration"}), "unsigned");
  refused(make(4, "closed.toml", now() - kHour, {"administration", "second"}), "unsigned");
  const std::string altered = make(5, "closed.toml", now() - kHour, both);
  std::string bytes = read_file(altered);
  bytes.replace(bytes.find("urgent = \"hold\""), 15, "urgent = \"HOLD\"");
  write_file(altered, bytes);
  refused(altered, "altered");
  refused(make(1, "closed.toml", now() - kHour, both), "rollback");
  refused(make(6, "closed.toml", now() - kHour, both, Seconds{60}), "expired");
  // Through all of it gates followed revision 2, and a restart goes on with it, whatever file lies there.
  const auto conversation = anna_->open({"bernd"});
  ASSERT_TRUE(anna_->send(conversation, "kommt durch"));
  EXPECT_TRUE(bernd_->next_delivery());
  put(path("revision-1"));
  station_->restart_gateway();
  ASSERT_TRUE(logged("service-started", "\"type\""));
  const std::string activations = log_of("rules-bundle-activated");
  EXPECT_THAT(activations.substr(activations.rfind("\"revision\"")), HasSubstr(R"("revision":"2")"));
  ASSERT_TRUE(bernd_->connect());
  ASSERT_TRUE(anna_->connect());
  ASSERT_TRUE(anna_->send(conversation, "auch danach"));
  EXPECT_TRUE(bernd_->next_delivery());
}

TEST_F(SignedRules, AHeldMessageIsDecidedAgainFromItsEntry) {
  const std::string rules = make(1, "closed.toml", now() - kHour, {"administration", "staff-council"});
  put(rules);
  start();
  const auto held = anna_->send(anna_->open({"bernd"}), "wartet");
  ASSERT_TRUE(held);
  ASSERT_TRUE(logged("message-held-by", "test.off-duty"));
  write_file(folder_ / "entry", log_of("message-held-by"));
  // The gateway's own key of the running month; later only both parties together can open it.
  const auto month = audit::pseudonym::epoch_of(now());
  const std::string key =
      read_file(station_->gateway_data() / "audit" / "epochs" / (audit::pseudonym::epoch_text(month) + ".key"));
  std::array<std::uint8_t, 32> secret{};
  ASSERT_EQ(key.size(), secret.size());
  std::ranges::copy(policy::base::as_bytes(key), secret.begin());
  write_file(folder_ / "input-key", policy::base::to_hex(audit::pseudonym::EpochKey(month, secret).input_key()));
  write_file(folder_ / "people.csv", "person,groups\nanna,\nbernd,\n");
  const auto facts_of = [&](const std::string& person) {
    const auto facts = tool({"facts", "--people", path("people.csv"), "--roster",
                             (station_->folder() / "roster.csv").string(), "--person", person});
    write_file(folder_ / "facts", facts.out);
  };
  const auto replay = [&](const std::string& bundle) {
    return tool({"replay", "--entry", path("entry"), "--bundle", bundle, "--facts", path("facts"), "--input-key",
                 path("input-key"), "--json"});
  };
  facts_of("bernd");
  EXPECT_THAT(replay(rules).out, HasSubstr(R"({"same":true,"differences":[])"));
  facts_of("anna");
  EXPECT_THAT(replay(rules).out, HasSubstr(R"("differences":[{"part":"input")"));
  facts_of("bernd");
  EXPECT_THAT(replay(make(2, "open.toml", now(), {})).out, HasSubstr(R"("differences":[{"part":"bundle")"));
}

}  // namespace
