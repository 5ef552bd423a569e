// A store as an older release left it: what staff would miss is there after the update, what had to go is gone, and
// being killed on the way costs nothing.
#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "clients/store/file.h"
#include "clients/store/rows.h"
#include "clients/store/schema.h"
#include "clients/store/store.h"
#include "tests/support/sqlite/faulty_disk.h"

namespace clients::store {
namespace {

namespace base = policy::base;
using tests::support::DiskFault;
using tests::support::FaultyDisk;

constexpr const char* kPin = "4711-Moorweg";
constexpr const char* kBoxKey = "MARKER-key-of-the-sealed-boxes!!";
constexpr std::int64_t kDeadline_s = 5000;

// The statements of schema 2, word for word as they were released.
constexpr const char* kSecondSchema[] = {
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS message(position INTEGER PRIMARY KEY AUTOINCREMENT, conversation BLOB NOT NULL, "
    "sequence INTEGER NOT NULL, client BLOB NOT NULL, deadline INTEGER NOT NULL, shown INTEGER NOT NULL, "
    "sealed BLOB NOT NULL, UNIQUE(conversation, sequence))",
    "CREATE INDEX IF NOT EXISTS message_client ON message(client)",
    "CREATE INDEX IF NOT EXISTS message_deadline ON message(deadline)",
    "CREATE TABLE IF NOT EXISTS seen(conversation BLOB, sequence INTEGER, forget_at INTEGER NOT NULL, "
    "PRIMARY KEY(conversation, sequence)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS last(conversation BLOB, class INTEGER, sequence INTEGER NOT NULL, "
    "PRIMARY KEY(conversation, class)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS outbox(position INTEGER PRIMARY KEY AUTOINCREMENT, ref BLOB UNIQUE NOT NULL, "
    "sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS conversation(ref BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS device(ref BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS ask(id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, "
    "request BLOB NOT NULL, answer BLOB)",
    "CREATE TABLE IF NOT EXISTS mls_group(ref BLOB PRIMARY KEY, waiting INTEGER NOT NULL, sealed BLOB NOT NULL, "
    "keys BLOB)",
    "CREATE TABLE IF NOT EXISTS mls_staged(ref BLOB PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS mls_key_package(ref BLOB PRIMARY KEY, forget_at INTEGER NOT NULL, sealed BLOB NOT "
    "NULL)",
    "PRAGMA user_version=2",
};
constexpr const char* kThirdSchema[] = {
    "CREATE TABLE IF NOT EXISTS trusted_log(ref BLOB PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS told(ref BLOB PRIMARY KEY) WITHOUT ROWID",
    "PRAGMA user_version=3",
};

template <typename Id>
Id id_of(std::uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}
const auto kConversation = id_of<base::ConversationId>(1);
const auto kColleague = id_of<base::DeviceId>(7);

// A field that this version has reserved.
template <typename Record>
void add_old_field(Record& record, int number) {
  record.GetReflection()->MutableUnknownFields(&record)->AddLengthDelimited(number, kBoxKey);
}

record::Account account() {
  record::Account out;
  out.set_server("https://messenger.example");
  out.set_person("anna");
  out.set_device(id_of<base::DeviceId>(3).wire());
  out.set_identity_seed(std::string(32, 's'));
  out.set_token("token");
  return out;
}
record::PinnedDevice pin() {
  record::PinnedDevice out;
  out.set_device(kColleague.wire());
  out.set_identity_key(std::string(32, 'k'));
  out.set_person("bernd");
  return out;
}
record::Message message(std::uint64_t sequence) {
  record::Message out;
  out.set_conversation(kConversation.wire());
  out.set_sequence(sequence);
  out.set_message_class(1);
  out.set_sender("bernd");
  out.set_text("Streifenplan " + std::to_string(sequence));
  out.set_deadline_s(kDeadline_s);
  return out;
}
record::Outgoing outgoing() {
  record::Outgoing out;
  out.set_client_message_id(id_of<base::ClientMessageId>(9).wire());
  out.set_conversation(kConversation.wire());
  out.set_text("noch nicht weg");
  out.mutable_sealed()->set_epoch(4);
  out.mutable_sealed()->set_ciphertext("its ciphertext");
  return out;
}
record::KnownConversation conversation() {
  record::KnownConversation out;
  out.set_conversation(kConversation.wire());
  out.set_direct(true);
  out.add_members()->set_person("bernd");
  return out;
}

class OldStore : public testing::Test {
 protected:
  OldStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "feierabend-migration-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    folder_ = root_ / "home";
    std::filesystem::create_directory(folder_);
    vault_.emplace(Vault::create(folder_ / "key", kPin, random_, {1, 8192}).value());
  }
  ~OldStore() override { std::filesystem::remove_all(root_); }

  std::filesystem::path file() const { return folder_ / "messages.db"; }
  static void run(Database& database, std::span<const char* const> statements) {
    for (const auto* one : statements) ASSERT_TRUE(database.run(one)) << one;
  }
  void put(Database& database, std::string_view sql, const base::Bytes& key, const std::string& record,
           std::string_view table, std::uint64_t number = 0) const {
    auto status = database.prepare(sql).bind(1, key).bind(2, vault_->seal(record, place_of(table, key, number))).run();
    ASSERT_TRUE(status) << sql << ": " << to_string(status.error());
  }
  base::Bytes row(std::string_view kind, base::ByteView id) const { return vault_->row_key(kind, id); }

  // Somebody's store with something in each table.
  void write_second() {
    auto database = Database::open(file()).value();
    run(database, kSecondSchema);
    const auto talk = row("conversation", kConversation.view());
    put_first_tables(database, talk);
    record::GroupState group;
    group.set_conversation(kConversation.wire());
    group.set_saved("state of the group");
    put(database, "INSERT INTO mls_group(ref, waiting, sealed) VALUES(?1, 1, ?2)", talk, group.SerializeAsString(),
        "mls-group");
    put(database, "UPDATE mls_group SET keys = ?2 WHERE ref = ?1", talk, "keys of the epoch", "mls-keys");
    record::StagedStep step;
    step.set_conversation(kConversation.wire());
    step.set_frame("a commit");
    put(database, "INSERT INTO mls_staged(ref, sealed) VALUES(?1, ?2)", talk, step.SerializeAsString(), "mls-staged");
    record::OwnKeyPackage package;
    package.set_init_secret("init");
    put(database, "INSERT INTO mls_key_package(ref, forget_at, sealed) VALUES(?1, 9000, ?2)",
        row("key-package", base::as_bytes("reference")), package.SerializeAsString(), "mls-key-package");
  }
  void put_first_tables(Database& database, const base::Bytes& talk) {
    auto anna = account();
    add_old_field(anna, 8);
    const base::Bytes name{'a', 'c', 'c', 'o', 'u', 'n', 't'};
    put(database, "INSERT INTO meta(name, sealed) VALUES(CAST(?1 AS TEXT), ?2)", name, anna.SerializeAsString(),
        "meta");
    auto colleague = pin();
    add_old_field(colleague, 3);
    put(database, "INSERT INTO device(ref, sealed) VALUES(?1, ?2)", row("device", kColleague.view()),
        colleague.SerializeAsString(), "device");
    for (const char* sequence : {"1", "2"})
      put(database,
          "INSERT INTO message(conversation, sequence, client, deadline, shown, sealed) VALUES(?1, " +
              std::string(sequence) + ", x'', 5000, " + (sequence[0] == '1' ? "1" : "0") + ", ?2)",
          talk, message(std::stoull(sequence)).SerializeAsString(), "message", std::stoull(sequence));
    ASSERT_TRUE(database.prepare("INSERT INTO seen VALUES(?1, 3, 9000)").bind(1, talk).run());
    ASSERT_TRUE(database.prepare("INSERT INTO last VALUES(?1, 1, 3)").bind(1, talk).run());
    put(database, "INSERT INTO outbox(ref, sealed) VALUES(?1, ?2)",
        row("client", base::as_bytes(outgoing().client_message_id())), outgoing().SerializeAsString(), "outbox");
    put(database, "INSERT INTO conversation(ref, sealed) VALUES(?1, ?2)", talk, conversation().SerializeAsString(),
        "conversation");
    ASSERT_TRUE(database.prepare("INSERT INTO ask(created, request) VALUES(4000, ?1)")
                    .bind(1, vault_->seal("why?", "ask:request"))
                    .run());
  }
  void write_third() {
    write_second();
    auto database = Database::open(file()).value();
    run(database, kThirdSchema);
    record::TrustedLog log;
    log.set_origin("authority.example/feierabend/1970");
    put(database, "INSERT INTO trusted_log(ref, sealed) VALUES(?1, ?2)",
        row("trusted-log", base::as_bytes(log.origin())), log.SerializeAsString(), "trusted-log");
    ASSERT_TRUE(
        database.prepare("INSERT INTO told(ref) VALUES(?1)").bind(1, row("told-enrolled", kColleague.view())).run());
  }

  std::int64_t version() const {
    auto database = Database::open(file()).value();
    auto statement = database.prepare("PRAGMA user_version");
    EXPECT_TRUE(statement.step());
    return statement.number(0);
  }
  // What the records that may hold old keys say, opened.
  std::string opened() const {
    auto database = Database::open(file()).value();
    std::string out;
    auto meta = database.prepare("SELECT CAST(name AS BLOB), sealed FROM meta");
    while (meta.step().value()) out += vault_->open_sealed(meta.bytes(1), place_of("meta", meta.bytes(0))).value();
    auto devices = database.prepare("SELECT ref, sealed FROM device");
    while (devices.step().value())
      out += vault_->open_sealed(devices.bytes(1), place_of("device", devices.bytes(0))).value();
    return out;
  }
  void expect_all_there() {
    auto store = Store::open(folder_, kPin, random_);
    ASSERT_TRUE(store) << to_string(store.error());
    expect_messages(**store);
    expect_keys(**store);
  }
  static void expect_messages(Store& store) {
    EXPECT_EQ(store.conversation(kConversation).value()->SerializeAsString(), conversation().SerializeAsString());
    const auto history = store.history(kConversation, 10).value();
    ASSERT_EQ(history.size(), 2U);
    EXPECT_EQ(history[1].SerializeAsString(), message(2).SerializeAsString());
    EXPECT_EQ(store.unshown(10)->size(), 1U) << "one was read, the other was not";
    EXPECT_TRUE(store.holds(message(3)).value()) << "gone, and still known";
    EXPECT_EQ(store.last_sequence(kConversation, 1).value(), 3U);
    const auto outbox = store.outbox().value();
    ASSERT_EQ(outbox.size(), 1U);
    EXPECT_EQ(outbox[0].SerializeAsString(), outgoing().SerializeAsString()) << "with the bytes that may have left";
    EXPECT_EQ(store.open_asks()->size(), 1U);
  }
  static void expect_keys(Store& store) {
    EXPECT_EQ(store.account().value()->SerializeAsString(), account().SerializeAsString());
    const auto colleague = store.pinned(kColleague).value();
    ASSERT_TRUE(colleague);
    EXPECT_EQ(colleague->SerializeAsString(), pin().SerializeAsString()) << "its key stays the first that was seen";
    EXPECT_FALSE(colleague->strict());
    const auto group = store.group(kConversation).value();
    ASSERT_TRUE(group);
    EXPECT_EQ(group->saved, "state of the group");
    EXPECT_EQ(group->keys, "keys of the epoch");
    EXPECT_EQ(store.waiting_groups()->size(), 1U);
    EXPECT_EQ(store.staged(kConversation).value()->frame(), "a commit");
    EXPECT_EQ(store.key_package(base::as_bytes("reference")).value()->init_secret(), "init");
  }

  FaultyDisk disk_;
  base::SystemRandom random_;
  std::filesystem::path root_, folder_;
  std::optional<Vault> vault_;
};

TEST_F(OldStore, TheSecondSchemaLosesNothingButTheBoxKeys) {
  write_second();
  EXPECT_EQ(version(), 2);
  EXPECT_THAT(opened(), testing::HasSubstr(kBoxKey));
  expect_all_there();
  EXPECT_EQ(version(), kSchema);
  EXPECT_THAT(opened(), testing::Not(testing::HasSubstr(kBoxKey)));
  auto store = Store::open(folder_, kPin, random_).value();
  EXPECT_TRUE(store->trusted_logs()->empty());
  EXPECT_TRUE(store->tell_once(kColleague, "enrolled").value());
}

TEST_F(OldStore, TheThirdSchemaKeepsWhomItTrusts) {
  write_third();
  expect_all_there();
  EXPECT_EQ(version(), kSchema);
  EXPECT_THAT(opened(), testing::Not(testing::HasSubstr(kBoxKey)));
  auto store = Store::open(folder_, kPin, random_).value();
  EXPECT_EQ(store->trusted_logs()->size(), 1U);
  EXPECT_FALSE(store->tell_once(kColleague, "enrolled").value());
}

TEST_F(OldStore, APinFromBeforeIsNoReasonToLoseTheUpdate) {
  write_second();
  EXPECT_EQ(Store::open(folder_, "another PIN", random_).error().code, "store.pin");
  EXPECT_EQ(version(), 2) << "whoever cannot read it does not change it";
}

// The disk fails at each of its calls once, and from then on for good: as if the process had been killed there.
TEST_F(OldStore, KilledAnywhereItOpensAgain) {
  write_second();
  const auto untouched = **read_file(file(), 1 << 20);
  for (const auto fault : {DiskFault::kNotPersisted, DiskFault::kPersisted}) {
    std::set<std::int64_t> versions;
    bool reached = true;
    for (std::size_t call = 0; reached; ++call) {
      ASSERT_TRUE(replace_file(file(), untouched));
      disk_.arm(call, fault, true);
      const bool opens = Store::open(folder_, kPin, random_).has_value();
      reached = disk_.heal();
      EXPECT_EQ(opens, !reached) << "call " << call;
      const auto now = version();
      EXPECT_THAT(now, testing::AnyOf(2, kSchema)) << "call " << call;
      if (reached) versions.insert(now);
      expect_all_there();
      EXPECT_EQ(version(), kSchema);
      EXPECT_THAT(opened(), testing::Not(testing::HasSubstr(kBoxKey))) << "call " << call;
    }
    // Before the commit, and after it though an error was told.
    EXPECT_TRUE(versions.contains(2));
    EXPECT_EQ(versions.contains(kSchema), fault == DiskFault::kPersisted);
  }
}

TEST_F(OldStore, ANewerSchemaIsRefusedAndStaysAsItIs) {
  write_third();
  {
    auto database = Database::open(file()).value();
    ASSERT_TRUE(database.run("PRAGMA user_version=" + std::to_string(kSchema + 1)));
  }
  const auto before = **read_file(file(), 1 << 20);
  const auto store = Store::open(folder_, kPin, random_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "store.too-new");
  EXPECT_EQ(store.error().seen, "a store of version " + std::to_string(kSchema + 1));
  EXPECT_EQ(store.error().remedy, "update this program");
  EXPECT_EQ(**read_file(file(), 1 << 20), before);
}

}  // namespace
}  // namespace clients::store
