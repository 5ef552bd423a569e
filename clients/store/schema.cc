#include "clients/store/schema.h"

#include <google/protobuf/unknown_field_set.h>

#include "clients/store/record.pb.h"
#include "clients/store/rows.h"

namespace clients::store {
namespace base = policy::base;
namespace record = ::feierabend::store::v1;

namespace {

// conversation, ref: row keys of vault.h. deadline: Unix seconds. `message` rows go at their deadline; `seen` rows hold
// nothing but "this sequence was here" until the repeat can no longer come.
constexpr const char* kTables[] = {
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
    // Version 2. `keys` goes over the same part of `sealed` when it is there.
    "CREATE TABLE IF NOT EXISTS mls_group(ref BLOB PRIMARY KEY, waiting INTEGER NOT NULL, sealed BLOB NOT NULL, "
    "keys BLOB)",
    "CREATE TABLE IF NOT EXISTS mls_staged(ref BLOB PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS mls_key_package(ref BLOB PRIMARY KEY, forget_at INTEGER NOT NULL, sealed BLOB NOT "
    "NULL)",
    // Version 3.
    "CREATE TABLE IF NOT EXISTS trusted_log(ref BLOB PRIMARY KEY, sealed BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS told(ref BLOB PRIMARY KEY) WITHOUT ROWID",
};

base::Result<std::int64_t> version_of(Database& database) {
  auto version = database.prepare("PRAGMA user_version");
  if (auto row = version.step(); !row) return std::unexpected(row.error());
  return version.number(0);
}

// The sealed records of a table that has them under `key`.
struct Place {
  std::string_view select, update, table;
};
constexpr Place kDevices{"SELECT ref, sealed FROM device", "UPDATE device SET sealed = ?2 WHERE ref = ?1", "device"};
constexpr Place kAccount{"SELECT CAST(name AS BLOB), sealed FROM meta WHERE name = 'account'",
                         "UPDATE meta SET sealed = ?2 WHERE name = CAST(?1 AS TEXT)", "meta"};

// Protobuf keeps what it does not know and would write it again for ever: here go the fields that this version has
// reserved, among them the secret half of the box key.
template <typename Record>
base::Status drop_unknown(Database& database, const Vault& vault, const Place& place) {
  std::vector<base::Bytes> keys;
  auto statement = database.prepare(place.select);
  auto records = collect<Record>(statement, vault, [&](const base::Bytes& key) {
    keys.push_back(key);
    return place_of(place.table, key);
  });
  if (!records) return std::unexpected(records.error());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    (*records)[i].DiscardUnknownFields();
    auto status = database.prepare(place.update)
                      .bind(1, keys[i])
                      .bind(2, vault.seal((*records)[i].SerializeAsString(), place_of(place.table, keys[i])))
                      .run();
    if (!status) return status;
  }
  return {};
}

}  // namespace

base::Status migrate(Database& database, const Vault& vault) {
  auto version = version_of(database);
  if (version && *version == kSchema) return {};
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  version = version_of(database);  // perhaps another process was faster
  if (!version) return std::unexpected(version.error());
  if (*version > kSchema)
    return base::fail("store.too-new", "a store of version " + std::to_string(*version),
                      "version " + std::to_string(kSchema) + " or lower", "update this program");
  for (const auto* table : kTables)
    if (auto status = database.run(table); !status) return status;
  if (auto status = drop_unknown<record::Account>(database, vault, kAccount); !status) return status;
  if (auto status = drop_unknown<record::PinnedDevice>(database, vault, kDevices); !status) return status;
  const std::string set_version = "PRAGMA user_version=" + std::to_string(kSchema);
  if (auto status = database.run(set_version); !status) return status;
  return transaction.commit();
}

}  // namespace clients::store
