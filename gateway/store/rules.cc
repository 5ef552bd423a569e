#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {

base::Result<std::optional<RulesInForce>> Store::rules_in_force() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT revision, bundle, note FROM rules_in_force");
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return RulesInForce{.revision = static_cast<std::uint64_t>(statement->integer(0)),
                      .bundle = std::string(base::as_text(statement->blob(1))),
                      .note = std::string(base::as_text(statement->blob(2)))};
}

base::Status Store::put_rules_in_force(const RulesInForce& rules) {
  const std::scoped_lock lock(mutex_);
  return database_->execute(
      "INSERT INTO rules_in_force (only, revision, bundle, note) VALUES (1, ?, ?, ?) ON CONFLICT (only) DO UPDATE SET "
      "revision = excluded.revision, bundle = excluded.bundle, note = excluded.note",
      static_cast<std::int64_t>(rules.revision), base::as_bytes(rules.bundle), base::as_bytes(rules.note));
}

}  // namespace gateway::store
