// A gateway.db as an older release left it: everything that people rely on is there after the update, what had to go is
// gone, and being killed on the way costs nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/store/schema.h"
#include "gateway/store/store.h"
#include "gateway/store/testing/seventh_schema.h"
#include "policy/base/random.h"
#include "tests/support/sqlite/faulty_disk.h"

namespace gateway::store {
namespace {

using tests::support::DiskFault;
using tests::support::FaultyDisk;

// 32 bytes, as the keys of sealed boxes were.
constexpr const char* kBoxKey = "MARKER-key-of-the-sealed-boxes!!";

// Ids are one byte, repeated: people's mailboxes from 01, devices from 11, the session 21, conversations from 31.
// Device 11 is anna's phone, 12 her tablet, which waits, 13 was removed, 14 wiped; 15 is ben's.
constexpr const char* kContent = R"sql(
INSERT INTO people VALUES ('anna', 'uuid-anna', unhex1('01', 16)), ('ben', '', unhex1('02', 16));
INSERT INTO factors VALUES ('anna', x'0a0b', 77);
INSERT INTO failures VALUES ('ben', 5, 9000, 100);
INSERT INTO devices (id, person, slot, slots_max, state, name, kind, sign_key, box_key, enrolled, ended, waiting) VALUES
  (unhex1('11', 16), 'anna', 1, 3, 1, 'phone', 1, unhex1('51', 32), box(1), 1000, 0, 0),
  (unhex1('12', 16), 'anna', 2, 3, 1, 'tablet', 2, unhex1('52', 32), box(2), 1001, 0, 1),
  (unhex1('13', 16), 'anna', NULL, 3, 2, 'old', 1, unhex1('53', 32), box(3), 900, 950, 0),
  (unhex1('14', 16), 'anna', NULL, 3, 3, 'lost', 1, unhex1('54', 32), box(4), 901, 951, 0),
  (unhex1('15', 16), 'ben', 1, 3, 1, 'desk', 3, unhex1('55', 32), box(5), 1002, 0, 0);
INSERT INTO sessions VALUES (unhex1('21', 16), 'anna', unhex1('11', 16), unhex1('61', 32), NULL, 1000, 9000, 1500, 0);
INSERT INTO conversations VALUES (unhex1('31', 16), 1, 1000), (unhex1('32', 16), 2, 1001);
INSERT INTO members VALUES (unhex1('31', 16), 'anna'), (unhex1('31', 16), 'ben'), (unhex1('32', 16), 'anna');
INSERT INTO direct_pairs VALUES ('anna', 'ben', unhex1('31', 16));
INSERT INTO interruptions VALUES ('anna', 1000, 1100);
INSERT INTO rules_in_force VALUES (1, 7, x'b0', x'b1');
INSERT INTO overrides VALUES ('anna', 'rule', 1000, 2000, 'role', 'reason', 'ben');
INSERT INTO self_openings VALUES ('anna', 1000, 2000);
INSERT INTO expiries VALUES ('anna', 86400, 3);
INSERT INTO counted_days VALUES (1, 86400);
INSERT INTO pseudonym_openings VALUES (unhex1('71', 32), 0, 86400, 'purpose', 1000, 2000);
INSERT INTO key_packages VALUES (unhex1('81', 32), unhex1('11', 16), x'c1', 9000),
                                (unhex1('82', 32), unhex1('11', 16), NULL, 9000);
INSERT INTO last_resorts VALUES (unhex1('11', 16), unhex1('83', 32), x'c3', 9000, 1000, 4);
INSERT INTO groups VALUES (unhex1('31', 16), 4, x'd1', x'd2', unhex1('91', 16), unhex1('11', 16), 12, 1200, 5000);
INSERT INTO group_leaves VALUES (unhex1('31', 16), unhex1('11', 16)), (unhex1('31', 16), unhex1('15', 16));
INSERT INTO group_candidates VALUES (unhex1('31', 16), unhex1('92', 16), unhex1('11', 16), unhex1('01', 16), 4, x'd3',
                                     x'', unhex1('12', 16), x'', x'd4', x'd5');
INSERT INTO group_removals VALUES (unhex1('31', 16), unhex1('93', 32), 4, x'd6', 0);
INSERT INTO certificates VALUES
  (unhex1('11', 16), x'e1', NULL, NULL, NULL, 'authority.example/feierabend/1970', 5, 1003),
  (unhex1('12', 16), x'e2', unhex1('11', 16), unhex1('51', 32), unhex1('a1', 64), NULL, NULL, NULL);
)sql";

// unhex1('01', 16) is that byte sixteen times, box(N) the marker with N in its last place: SQLite has neither.
std::string in_sql(std::string text) {
  const auto replace = [&](const std::string& call, const auto& made) {
    for (auto at = text.find(call); at != std::string::npos; at = text.find(call)) {
      const auto end = text.find(')', at);
      text.replace(at, end + 1 - at, made(text.substr(at + call.size(), end - at - call.size())));
    }
  };
  replace("unhex1('", [](const std::string& rest) {
    std::string out;
    for (int i = std::stoi(rest.substr(rest.find(' '))); i > 0; --i) out += rest.substr(0, 2);
    return "x'" + out + "'";
  });
  replace("box(", [](const std::string& number) {
    std::string key = kBoxKey;
    key.back() = number[0];
    return "x'" + base::to_hex(base::as_bytes(key)) + "'";
  });
  return text;
}

template <typename Bytes>
Bytes of(std::uint8_t value) {
  Bytes out;
  out.fill(value);
  return out;
}
base::DeviceId device(std::uint8_t value) { return {of<decltype(base::DeviceId::bytes)>(value)}; }
base::ConversationId conversation(std::uint8_t value) { return {of<decltype(base::ConversationId::bytes)>(value)}; }

class OldDatabase : public ::testing::Test {
 protected:
  OldDatabase() {
    folder_ = std::filesystem::temp_directory_path() / ("feierabend_migration_" + base::to_hex(random_.array<8>()));
    std::filesystem::create_directory(folder_);
    {
      auto old = Database::open(seventh()).value();
      for (const auto& script : {std::string(testing::kSeventhSchema), in_sql(kContent)}) {
        const auto status = old.run(script.c_str());
        EXPECT_TRUE(status) << to_string(status.error());
      }
    }
    const auto fresh = folder_ / "fresh.db";
    EXPECT_TRUE(Store::open(fresh));
    newest_ = version(fresh);
    copy();
  }
  ~OldDatabase() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ / "gateway.db"; }
  std::string seventh() const { return folder_ / "seventh.db"; }
  void copy() const {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
    std::filesystem::copy_file(seventh(), path());
  }
  static std::int64_t version(const std::string& path) {
    auto database = Database::open(path).value();
    auto statement = database.query("PRAGMA user_version").value();
    EXPECT_TRUE(statement.step().value());
    return statement.integer(0);
  }
  std::string bytes() const {
    std::string out;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file(path() + suffix, std::ios::binary);
      out.append(std::istreambuf_iterator<char>(file), {});
    }
    return out;
  }
  void expect_all_there() const {
    auto store = Store::open(path());
    ASSERT_TRUE(store) << to_string(store.error());
    expect_people(**store);
    expect_devices(**store);
    expect_duty(**store);
    expect_groups(**store);
    EXPECT_TRUE((*store)->checkpoint().value());
    EXPECT_THAT(bytes(), ::testing::Not(::testing::HasSubstr("MARKER-key"))) << "neither in a row nor in a free page";
  }
  static void expect_people(Store& store) {
    EXPECT_EQ(store.person("anna").value(), (PersonRecord{"anna", "uuid-anna", {of<std::array<std::uint8_t, 16>>(1)}}));
    EXPECT_EQ(store.factor("anna").value()->last_counter, 77) << "a code counts once, also across the update";
    EXPECT_FALSE(store.begin_attempt("ben", {200}, 5, {900})->allowed) << "locked stays locked";
    EXPECT_EQ(store.conversation(conversation(0x31)).value()->members, (std::vector<std::string>{"anna", "ben"}));
    EXPECT_EQ(store.open_direct("ben", "anna", conversation(0x39), {1})->id, conversation(0x31));
    EXPECT_EQ(store.conversations_of("anna")->size(), 2U);
  }
  static void expect_devices(Store& store) {
    const Device phone{.id = device(0x11),
                       .person = "anna",
                       .name = "phone",
                       .kind = DeviceKind::phone,
                       .state = DeviceState::active,
                       .sign_key = of<PublicKey>(0x51),
                       .enrolled = {1000},
                       .ended = {}};
    EXPECT_EQ(store.device(phone.id).value(), phone);
    EXPECT_EQ(store.all_devices("anna")->size(), 4U);
    EXPECT_EQ(store.active_devices("anna")->size(), 2U);
    EXPECT_TRUE(store.device(device(0x12)).value()->waiting);
    EXPECT_EQ(store.device_of_key(of<PublicKey>(0x54)).value()->state, DeviceState::wiped);
    Device again = phone;
    again.id = device(0x19);
    again.sign_key = of<PublicKey>(0x53);
    EXPECT_EQ(store.add_device(again, 3).value(), Store::Added::key_known) << "of one that was removed";
    again.sign_key = of<PublicKey>(0x59);
    EXPECT_EQ(store.add_device(again, 2).value(), Store::Added::limit_reached) << "the constraint outlives the column";
    const auto session = store.session_of(of<Hash>(0x61)).value();
    ASSERT_TRUE(session);
    EXPECT_EQ(session->device, phone.id);
    const auto proven = store.certificate(phone.id).value();
    ASSERT_TRUE(proven && proven->entry);
    EXPECT_EQ(*proven->entry, (Certificate::Entry{"authority.example/feierabend/1970", 5, {1003}}));
    EXPECT_EQ(store.certificate(device(0x12)).value()->consent->by, phone.id);
  }
  static void expect_duty(Store& store) {
    EXPECT_EQ(store.rules_in_force().value()->revision, 7U);
    EXPECT_FALSE(store.put_rules_in_force({6, "older", ""})) << "the trigger is there";
    EXPECT_EQ(store.interruptions()->size(), 1U);
    EXPECT_EQ(store.overrides()->size(), 1U);
    EXPECT_EQ(store.self_openings()->size(), 1U);
    EXPECT_EQ(store.expired_of("anna").value(), (std::vector<Expiry>{{{86'400}, 3}}));
    EXPECT_EQ(store.counted_until().value(), base::Instant{86'400});
    EXPECT_EQ(store.pseudonym_openings_told({3000})->size(), 1U);
  }
  static void expect_groups(Store& store) {
    const auto group = store.group(conversation(0x31)).value();
    ASSERT_TRUE(group);
    EXPECT_EQ(group->epoch, 4U);
    EXPECT_EQ(group->state, base::Bytes{0xd1});
    EXPECT_EQ(group->last->sequence, 12U);
    EXPECT_EQ(store.groups_of_device(device(0x15))->size(), 1U);
    const auto candidate = store.candidate(conversation(0x31)).value();
    ASSERT_TRUE(candidate) << "a commit that the relay may have";
    EXPECT_EQ(candidate->joined, std::vector{device(0x12)});
    EXPECT_EQ(store.removals(conversation(0x31))->size(), 1U);
    EXPECT_EQ(store.groups_with_untold_removals()->size(), 1U);
    const auto stock = store.key_package_stock(device(0x11), {2000}).value();
    EXPECT_EQ(stock.left, 1U) << "one is handed out and stays so";
    ASSERT_TRUE(stock.last_resort);
    EXPECT_EQ(stock.last_resort->handed_out, 4U);
  }

  FaultyDisk disk_;
  base::SystemRandom random_;
  std::filesystem::path folder_;
  std::int64_t newest_ = 0;
};

TEST_F(OldDatabase, TheSeventhSchemaLosesNothingButTheBoxKeys) {
  EXPECT_EQ(version(path()), 7);
  EXPECT_THAT(bytes(), ::testing::HasSubstr("MARKER-key"));
  expect_all_there();
  EXPECT_EQ(version(path()), newest_);
}

// The disk fails at each of its calls once, and from then on for good: as if the process had been killed there.
TEST_F(OldDatabase, KilledAnywhereItOpensAgain) {
  for (const auto fault : {DiskFault::kNotPersisted, DiskFault::kPersisted}) {
    std::set<std::int64_t> versions;
    bool reached = true;
    for (std::size_t call = 0; reached; ++call) {
      copy();
      disk_.arm(call, fault, true);
      const auto status = [&]() -> base::Status {
        auto database = Database::open(path());
        return database ? migrate(*database) : std::unexpected(database.error());
      }();
      reached = disk_.heal();
      const auto now = version(path());
      EXPECT_TRUE(now >= 7 && now <= newest_) << now;
      if (status) {
        EXPECT_EQ(now, newest_) << "call " << call;
      } else {
        versions.insert(now);
      }
      expect_all_there();
      EXPECT_EQ(version(path()), newest_) << "call " << call;
    }
    // Before the first commit, and after the last one though an error was told.
    EXPECT_TRUE(versions.contains(7));
    if (fault == DiskFault::kPersisted) {
      EXPECT_TRUE(versions.contains(newest_));
    }
  }
}

// One call fails and the process lives on: the same connection tries again.
TEST_F(OldDatabase, AMigrationThatFailedIsRepeated) {
  for (const auto fault : {DiskFault::kNotPersisted, DiskFault::kPersisted}) {
    bool reached = true;
    for (std::size_t call = 0; reached; ++call) {
      copy();
      {
        auto database = Database::open(path()).value();
        disk_.arm(call, fault, false);
        (void)migrate(database);
        reached = disk_.heal();
        EXPECT_TRUE(migrate(database)) << "call " << call;
      }
      expect_all_there();
      EXPECT_EQ(version(path()), newest_) << "call " << call;
    }
  }
}

TEST_F(OldDatabase, ANewerSchemaIsRefusedAndStaysAsItIs) {
  {
    auto database = Database::open(path()).value();
    ASSERT_TRUE(database.run(("PRAGMA user_version=" + std::to_string(newest_ + 1)).c_str()));
  }
  const auto before = bytes();
  const auto store = Store::open(path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "store.too-new");
  EXPECT_EQ(store.error().seen, "a database of schema " + std::to_string(newest_ + 1));
  EXPECT_EQ(store.error().where, path());
  EXPECT_EQ(bytes(), before);
}

}  // namespace
}  // namespace gateway::store
