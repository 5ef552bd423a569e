// The schema of gateway.db, as a list of migrations. PRAGMA user_version counts those that were applied.
#pragma once

#include "gateway/store/sqlite.h"

namespace gateway::store {

// Applies what is missing, each migration in a transaction of its own with its new user_version.
// Error: store.too-new.
base::Status migrate(Database& database);

}  // namespace gateway::store
