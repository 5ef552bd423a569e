// A disk that is really full under the log, for both backends and under the real gateway. What was acknowledged is
// there, what was refused had no effect, no two checkpoints contradict each other, and everything goes on by itself
// when there is room.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <thread>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/codec.h"
#include "audit/log/log.h"
#include "audit/log/tile_reader.h"
#include "audit/pseudonym/pseudonym.h"
#include "audit/store/folder.h"
#include "audit/store/sqlite/sqlite.h"
#include "audit/verify/verify.h"
#include "tests/support/disk/small_disk.h"
#include "tests/support/station/off_duty_pack.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::Seconds;
using tests::support::on_duty_now;
using tests::support::program;
using tests::support::roster_header;
using tests::support::roster_line;
using tests::support::SmallDisk;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;

constexpr std::size_t kSmall = std::size_t{6} * 1024 * 1024;
constexpr int kTriesMax = 2000;  // until the places that the journal has are used up

struct Ports {
  std::unique_ptr<audit::log::Objects> objects;
  std::unique_ptr<audit::log::LockedCheckpoint> lock;
};

Ports open_ports(bool sqlite, const std::string& folder) {
  if (sqlite)
    return {audit::store::SqliteObjects::open(folder).value(), audit::store::SqliteLock::open(folder).value()};
  return {audit::store::FolderObjects::open(folder).value(), audit::store::FolderLock::open(folder).value()};
}

class FullDisk : public ::testing::TestWithParam<bool> {
 protected:
  static audit::event::Record record_of(std::uint32_t number) {
    audit::event::Pseudonym who{};
    for (std::size_t i = 0; i < sizeof number; ++i) who.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return audit::event::LoginRefused{{who}, audit::event::LoginRefusal::kWrongPassword};
  }
  void try_to_start(const std::string& place) {
    const auto start = [&](auto objects, auto lock) {
      if (!objects || !lock) return;
      auto log = audit::log::Log::open({**objects, **lock, clock_, random_}, key_);
      if (log) (void)append(**log, 1, 3);
    };
    if (GetParam())
      start(audit::store::SqliteObjects::open(place), audit::store::SqliteLock::open(place));
    else
      start(audit::store::FolderObjects::open(place), audit::store::FolderLock::open(place));
  }
  // Until `enough` of them; how many were refused.
  int append(audit::log::Log& log, int enough, int tries) {
    int refused = 0;
    for (int i = 0; i < tries && refused < enough; ++i) {
      const auto index = log.append(record_of(++last_));
      if (index)
        acknowledged_[index->value] = last_;
      else
        ++refused;
      seen_.push_back(audit::checkpoint::open_checkpoint(log.checkpoint(), key_.verifier()).value());
    }
    return refused;
  }

  policy::base::SystemClock clock_;
  policy::base::SystemRandom random_;
  audit::checkpoint::SigningKey key_ =
      audit::checkpoint::SigningKey::generate("authority.example/audit/2026", random_).value();
  std::uint32_t last_ = 0;
  std::map<std::uint64_t, std::uint32_t> acknowledged_;
  std::vector<audit::checkpoint::Checkpoint> seen_;
};

TEST_P(FullDisk, RefusesAndTheSameLogGoesOn) {
  const TemporaryFolder folder("full-disk");
  const SmallDisk disk(folder / "audit", kSmall);
  const std::string place = (folder / "audit" / "2026").string();
  auto ports = open_ports(GetParam(), place);
  auto log = audit::log::Log::open({*ports.objects, *ports.lock, clock_, random_}, key_).value();
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(append(*log, 1, 50), 0);
    disk.fill();
    const int refused = append(*log, 10, kTriesMax);
    disk.make_room();
    EXPECT_EQ(refused, 10) << "a full disk";
    EXPECT_EQ(append(*log, 1, 5), 0) << "and the next one is taken as soon as there is room";
  }
  log->close(), log.reset(), ports = {};
  // A start on a full disk may be refused, but harms nothing.
  disk.fill();
  try_to_start(place);
  disk.make_room();
  ports = open_ports(GetParam(), place);
  log = audit::log::Log::open({*ports.objects, *ports.lock, clock_, random_}, key_).value();
  EXPECT_EQ(append(*log, 1, 5), 0);
  log->close();

  const auto report = audit::verify::verify(*ports.objects, key_.verifier()).value();
  for (const auto& finding : report.findings) ADD_FAILURE() << audit::verify::to_string(finding);
  audit::log::TileReader reader(*ports.objects, report.checkpoint.size);
  for (const auto& old : seen_)
    ASSERT_EQ(audit::merkle::tree_root(old.size, reader.nodes()).value(), old.root) << "forked at " << old.size;
  for (const auto& [index, number] : acknowledged_) {
    const auto stored =
        audit::log::read_tile(*ports.objects, std::nullopt, index / 256, report.checkpoint.size).value();
    const auto leaves = audit::merkle::read_bundle(stored.bytes, stored.tile.width).entries;
    const auto leaf = audit::event::decode_leaf(leaves.at(index % 256)).value();
    ASSERT_EQ(leaf.subject, audit::event::subject_of(record_of(number))) << "entry " << index;
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, FullDisk, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Sqlite" : "Folder"; });

// Messages to somebody off duty: each is accepted only when its entry is durable.
class FullDiskOfAGateway : public ::testing::Test {
 protected:
  FullDiskOfAGateway() {
    tests::support::write_file(folder_ / "pack.toml", tests::support::kOffDutyPack);
    const auto tomorrow = policy::base::SystemClock().now() + Seconds{86400};
    station_.emplace("full-disk",
                     Station::Options{.people = {{"anna"}, {"bernd"}},
                                      .roster = roster_header() + on_duty_now("anna") +
                                                roster_line("bernd", "duty", tomorrow, tomorrow + Seconds{3600}),
                                      .packs = {folder_ / "pack.toml"}});
    disk_.emplace(audit(), kSmall);
    station_->start_relay();
    station_->start_gateway();
  }
  void TearDown() override {
    if (HasFailure()) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }
  std::filesystem::path audit() const { return station_->gateway_data() / "audit"; }
  tests::support::Finished tool(std::vector<std::string> words) const {
    const std::string year = std::to_string(audit::pseudonym::year_of(policy::base::SystemClock().now()));
    words.insert(words.begin() + 1, (audit() / year).string());
    words.insert(words.begin(), program("feierabend-audit"));
    words.insert(words.end(), {"--key", (audit() / (year + ".vkey")).string()});
    return tests::support::run(words);
  }
  std::size_t entries_of(const std::string& type) const {
    const auto shown = tool(
        {"query", "--type", type, "--json", "--purpose", "lawfulness", "--readings", (folder_ / "readings").string()});
    std::size_t count = 0;
    for (std::size_t at = shown.out.find("\"entry\""); at != std::string::npos;
         at = shown.out.find("\"entry\"", at + 1))
      ++count;
    return count;
  }

  TemporaryFolder folder_{"full-disk-pack"};
  std::optional<Station> station_;
  std::optional<SmallDisk> disk_;
};

TEST_F(FullDiskOfAGateway, NothingIsDoneThatCannotBeLogged) {
  TestDevice anna(station_->url(), station_->ca()), bernd(station_->url(), station_->ca());
  std::string anna_secret, bernd_secret;
  anna.log_in("anna", anna_secret);
  bernd.log_in("bernd", bernd_secret);
  ASSERT_TRUE(anna.connect());
  const auto conversation = anna.open({"bernd"});
  ASSERT_TRUE(anna.send(conversation, "davor"));

  disk_->fill(station_->gateway().pid());
  std::size_t accepted = 1, refused = 0;
  std::set<std::string> codes;
  for (int i = 0; i < kTriesMax && refused < 10; ++i) {
    ASSERT_TRUE(anna.connected() || anna.connect());
    const auto sent = anna.send(conversation, "voll");
    if (sent)
      ++accepted;
    else
      ++refused, codes.insert(sent.error().code);
  }
  EXPECT_EQ(refused, 10U) << accepted << " were accepted on a full disk";
  for (const auto& code : codes) EXPECT_TRUE(code.starts_with("log.") || code.starts_with("store.")) << code;
  EXPECT_TRUE(station_->gateway().running());
  std::string none = bernd_secret;
  TestDevice late(station_->url(), station_->ca());
  const auto refused_login = late.login("bernd", none, 1);
  const bool entered = refused_login && late.enrol(*refused_login);
  EXPECT_FALSE(entered) << "a session that the log does not know";
  EXPECT_TRUE(anna.api().health()) << "the process answers";

  disk_->make_room(station_->gateway().pid());
  ASSERT_TRUE(anna.connected() || anna.connect());
  policy::base::Result<feierabend::v1::Accepted> sent = policy::base::fail("test", "not tried");
  for (int i = 0; i < 100 && !sent; ++i) {
    sent = anna.send(conversation, "danach");
    if (!sent) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(sent) << policy::base::to_string(sent.error());
  ++accepted;
  EXPECT_EQ(station_->gateway().stop(), 0);
  const auto verified = tool({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const std::size_t held = entries_of("message-held-by");
  EXPECT_GE(held, accepted) << "an accepted message without its entry";
}

}  // namespace
