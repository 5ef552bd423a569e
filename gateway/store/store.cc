#include "gateway/store/store.h"

#include "gateway/store/schema.h"
#include "gateway/store/sqlite.h"

namespace gateway::store {

Store::Store(Database database) : database_(std::make_unique<Database>(std::move(database))) {}
Store::~Store() = default;

base::Result<std::unique_ptr<Store>> Store::open(const std::string& path) {
  auto database = Database::open(path);
  if (!database) return std::unexpected(database.error());
  if (auto status = migrate(*database); !status) {
    if (status.error().where.empty()) status.error().where = path;
    return std::unexpected(status.error());
  }
  return std::unique_ptr<Store>(new Store(*std::move(database)));
}

base::Result<bool> Store::checkpoint() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!statement) return std::unexpected(statement.error());
  if (const auto row = statement->step(); !row) return std::unexpected(row.error());
  return statement->integer(0) == 0;
}

}  // namespace gateway::store
