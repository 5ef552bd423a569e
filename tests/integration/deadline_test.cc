// The deadline on the real programs, whose clock the test moves: what was stored is nowhere afterwards, not its key,
// not its bytes, in no file; the log has the receipt; who comes late is told a number; what was held that long never
// comes.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "audit/pseudonym/pseudonym.h"
#include "tests/support/station/station.h"
#include "tests/support/station/test_device.h"

namespace {

using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using tests::support::on_duty_now;
using tests::support::roster_header;
using tests::support::roster_line;
using tests::support::Station;
using tests::support::TemporaryFolder;
using tests::support::TestDevice;
namespace pb = feierabend::v1;

// Seven days from acceptance, and sessions that outlive what the clock is moved by.
constexpr const char* kPack = R"toml(
[pack]
id = "test-deadline"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
title = { de = "Frist", en = "Deadline" }
signers = ["administration", "staff-council"]

[[rest]]
id = "test.off-duty"
kind = "off-duty"
cite = "test"
effect = { routine = "hold" }

[[retention]]
id = "test.retention"
ceiling = "7d"
period = "7d"
clock = "accepted"
cite = "test"

[sessions]
factors = 2
lifetime = "90d"
idle = "60d"
failures = 5
lock_for = "15m"
cite = "test"
)toml";

constexpr int kMessages = 5;
constexpr std::size_t kSlice = 24;  // bytes that cannot be in a file by chance
constexpr Seconds kBeyond{8 * 86400};
constexpr int kSettle_ms = 10'000;

void sleep_ms(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

// First blob of the first column, of every row.
std::vector<std::string> blobs(const std::filesystem::path& database, const std::string& sql) {
  std::vector<std::string> out;
  sqlite3* opened = nullptr;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_prepare_v2(opened, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(opened);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
    out.emplace_back(static_cast<const char*>(sqlite3_column_blob(statement, 0)), size);
  }
  sqlite3_finalize(statement);
  sqlite3_close(opened);
  return out;
}

std::vector<std::string> tables(const std::filesystem::path& database, const std::string& prefix) {
  return blobs(database, "SELECT name FROM sqlite_master WHERE name GLOB '" + prefix + "*'");
}

// Of the buckets that are not in `but`.
std::vector<std::string> contents_of(const std::filesystem::path& database, const std::string& prefix,
                                     const std::string& column, const std::set<std::string>& but) {
  std::vector<std::string> out;
  for (const auto& table : tables(database, prefix)) {
    if (but.contains(table.substr(prefix.size()))) continue;
    for (auto& one : blobs(database, "SELECT " + column + " FROM " + table)) out.push_back(std::move(one));
  }
  return out;
}

std::string all_bytes_below(const std::filesystem::path& folder) {
  std::string out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) out += tests::support::read_file(entry.path());
  return out;
}

// How many slices of `secret` are in `haystack`.
std::size_t slices_found(const std::string& haystack, const std::string& secret) {
  if (secret.size() < kSlice) return haystack.find(secret) == std::string::npos ? 0 : 1;
  std::size_t found = 0;
  for (std::size_t at = 0; at + kSlice <= secret.size(); at += kSlice)
    found += haystack.find(secret.substr(at, kSlice)) == std::string::npos ? 0U : 1U;
  return found;
}

class Deadline : public ::testing::Test {
 protected:
  void start(const std::string& roster) {
    tests::support::write_file(packs_ / "pack.toml", kPack);
    station_.emplace("deadline", Station::Options{.people = {{"anna"}, {"bernd"}},
                                                  .roster = roster,
                                                  .packs = {packs_ / "pack.toml"},
                                                  .gateway_arguments = {},
                                                  .directory_arguments = {},
                                                  .environment = {},
                                                  .movable_clock = true});
    station_->start_relay();
    station_->start_gateway();
    for (auto* const one : {&anna_, &bernd_}) one->emplace(station_->url(), station_->ca(), &station_->clock());
    anna_->log_in("anna", anna_secret_);
    bernd_->log_in("bernd", bernd_secret_);
    // Registered at the relay once the gateway has said what it may say.
    ASSERT_TRUE(anna_->connect());
    ASSERT_TRUE(bernd_->connect());
    bernd_conversation_ = bernd_->open({"anna"});
    anna_conversation_ = anna_->open({"bernd"});
  }
  void TearDown() override {
    if (HasFailure() && station_) std::fprintf(stderr, "%s\n", station_->logs().c_str());
  }

  // A copy to look into: the relay keeps its own locked.
  std::filesystem::path database() const {
    const auto copy = station_->folder() / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::create_directories(copy);
    for (const char* const name : {"relay.db", "relay.db-wal"})
      if (std::filesystem::exists(station_->relay_data() / name))
        std::filesystem::copy_file(station_->relay_data() / name, copy / name);
    return copy / "relay.db";
  }
  // Until the log has so many receipts; the log's text.
  std::string destroyed_buckets(std::size_t wanted) {
    std::string shown;
    for (int waited = 0; waited < kSettle_ms; waited += 200, sleep_ms(200)) {
      const auto year = std::to_string(audit::pseudonym::year_of(station_->clock().now()));
      shown = tests::support::run({tests::support::program("feierabend-audit"), "show",
                                   (station_->gateway_data() / "audit" / year).string(), "--type", "bucket-destroyed",
                                   "--json", "--purpose", "deletion-proof", "--readings",
                                   (station_->folder() / "readings").string()})
                  .out;
      std::size_t count = 0;
      for (std::size_t at = shown.find("bucket-destroyed"); at != std::string::npos;
           at = shown.find("bucket-destroyed", at + 1))
        ++count;
      if (count >= wanted) return shown;
    }
    ADD_FAILURE() << "no receipt in the log: " << shown;
    return shown;
  }
  std::optional<std::uint64_t> told_expired(TestDevice& device) {
    const auto frame = device.next([](const pb::ServerFrame& one) { return one.has_expired(); }, 5000);
    return frame ? std::optional(frame->expired().count()) : std::nullopt;
  }

  TemporaryFolder packs_{"pack"};
  std::optional<Station> station_;
  std::optional<TestDevice> anna_, bernd_;
  pb::Conversation anna_conversation_, bernd_conversation_;
  std::string anna_secret_, bernd_secret_;
};

TEST_F(Deadline, NothingIsLeftAfterIt) {
  const Instant later = policy::base::SystemClock().now() + kBeyond;
  start(roster_header() + on_duty_now("anna") + on_duty_now("bernd") +
        roster_line("bernd", "duty", later - kHour, later + kHour));
  // What tells how the group came about stays until every device has had the time to read it.
  ASSERT_TRUE(anna_->gather(anna_conversation_));
  std::set<std::string> handshakes;
  for (const auto& table : tables(database(), "key_")) handshakes.insert(table.substr(4));
  ASSERT_EQ(handshakes.size(), 1U);
  const auto entries_before = blobs(database(), "SELECT message FROM entry").size();
  bernd_->disconnect();
  std::vector<std::string> message_ids;
  for (int i = 0; i < kMessages; ++i) {
    message_ids.push_back(anna_->new_message_id());
    const auto accepted =
        anna_->send(anna_conversation_, "Vermerk " + std::to_string(i), pb::ROUTINE, {}, message_ids.back());
    ASSERT_TRUE(accepted) << policy::base::to_string(accepted.error());
    EXPECT_LE(accepted->deadline_s(), (station_->clock().now() + Seconds{7 * 86400}).unix_s);
  }
  const auto keys = contents_of(database(), "key_", "key", handshakes);
  const auto stored = contents_of(database(), "body_", "sealed", handshakes);
  ASSERT_GE(keys.size(), 1U);
  ASSERT_EQ(stored.size(), static_cast<std::size_t>(kMessages));
  const std::string before = all_bytes_below(station_->relay_data());
  for (const auto& key : keys) {
    ASSERT_EQ(key.size(), 32U);
    EXPECT_GT(slices_found(before, key), 0U) << "the search would not find a key that is there";
  }
  for (const auto& one : stored) EXPECT_GT(slices_found(before, one), 0U) << "nor an envelope";
  for (const auto& id : message_ids) EXPECT_EQ(slices_found(before, id), 0U) << "a message id lies open";

  station_->move_clock(kBeyond);
  const std::string receipts = destroyed_buckets(1);
  EXPECT_NE(receipts.find(std::to_string(kMessages)), std::string::npos) << receipts;
  EXPECT_TRUE(contents_of(database(), "key_", "key", handshakes).empty());
  EXPECT_EQ(tables(database(), "body_").size(), handshakes.size());
  EXPECT_EQ(blobs(database(), "SELECT message FROM entry").size(), entries_before);
  const std::string after = all_bytes_below(station_->relay_data()) + all_bytes_below(station_->gateway_data());
  ASSERT_GT(after.size(), 0U);
  for (const auto& key : keys) EXPECT_EQ(slices_found(after, key), 0U) << "the key of the bucket is still in a file";
  for (const auto& one : stored) EXPECT_EQ(slices_found(after, one), 0U) << "bytes of an envelope are still in a file";
  for (const auto& id : message_ids) EXPECT_EQ(slices_found(after, id), 0U) << "a message id is still in a file";

  // Who comes late is told how many, and nothing else; and is told once.
  const auto connected = bernd_->connect();
  ASSERT_TRUE(connected) << policy::base::to_string(connected.error());
  EXPECT_EQ(told_expired(*bernd_), static_cast<std::uint64_t>(kMessages));
  EXPECT_FALSE(bernd_->next_delivery(500));
  sleep_ms(300);
  ASSERT_TRUE(bernd_->connect());
  EXPECT_FALSE(bernd_->next([](const pb::ServerFrame& one) { return one.has_expired() || one.has_delivery(); }, 1000));

  // A new message goes through: the house goes on.
  ASSERT_TRUE(anna_->connect());
  ASSERT_TRUE(anna_->send(anna_conversation_, "danach"));
  const auto delivery = bernd_->next_delivery(10'000);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(bernd_->read(*delivery), "danach");
  EXPECT_EQ(delivery->stored().sequence(), static_cast<std::uint64_t>(kMessages) + 3)
      << "a sequence is never used twice";
}

TEST_F(Deadline, WhatIsHeldBeyondItNeverComes) {
  const Instant now = policy::base::SystemClock().now();
  start(roster_header() + on_duty_now("anna") +
        roster_line("bernd", "duty", now + Seconds{9 * 86400}, now + Seconds{9 * 86400} + kHour));
  const auto accepted = anna_->send(anna_conversation_, "zu spät");
  ASSERT_TRUE(accepted) << policy::base::to_string(accepted.error());
  EXPECT_TRUE(accepted->later());
  station_->move_clock(kBeyond);
  destroyed_buckets(1);
  ASSERT_TRUE(bernd_->connect());
  EXPECT_FALSE(bernd_->next_delivery(500)) << "the gate is closed";
  station_->move_clock(Seconds{9 * 86400 + 60});
  ASSERT_TRUE(bernd_->connect());
  const auto opens = [](const pb::ServerFrame& one) {
    return one.has_gate() && one.gate().classes(0).effect() == "deliver";
  };
  ASSERT_TRUE(bernd_->next(opens, 5000));
  EXPECT_EQ(told_expired(*bernd_), 1U);
  EXPECT_FALSE(bernd_->next_delivery(1000)) << "the gate is open, the message is gone";
}

}  // namespace
