// The schema of messages.db. PRAGMA user_version names it. Private to clients/store.
//
//   1  the first release
//   2  groups, staged steps and key packages
//   3  trusted logs, and what was told about devices
//   4  without the keys of sealed boxes, which were there before groups
#pragma once

#include "clients/store/sqlite.h"
#include "clients/store/vault.h"

namespace clients::store {

constexpr std::int64_t kSchema = 4;

// Brings an older or empty database to kSchema, in one transaction. Errors: store.too-new (a later version wrote it),
// store.damaged (a record that cannot be read), store.unavailable; then the database is as before.
policy::base::Status migrate(Database& database, const Vault& vault);

}  // namespace clients::store
