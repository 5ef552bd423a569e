#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

struct FailureRow {
  std::int64_t failures = 0;
  base::Instant locked_until{};
};

base::Result<FailureRow> read_failures(Database& database, std::string_view person) {
  auto statement = database.query("SELECT failures, locked_until FROM failures WHERE person = ?", person);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return FailureRow{};
  return FailureRow{.failures = statement->integer(0), .locked_until = {statement->integer(1)}};
}

// Guessed uids must not grow the table without end: beyond the bound the oldest row goes.
base::Status bound_failures(Database& database) {
  return database.execute(
      "DELETE FROM failures WHERE person IN (SELECT person FROM failures ORDER BY last LIMIT "
      "max(0, (SELECT count(*) FROM failures) - ?))",
      static_cast<std::int64_t>(kFailureRowsMax));
}

}  // namespace

base::Result<std::optional<Factor>> Store::factor(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT sealed_secret, last_counter FROM factors WHERE person = ?", person);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return Factor{.sealed_secret = statement->blob(0), .last_counter = statement->integer(1)};
}

base::Status Store::add_factor(std::string_view person, const Factor& factor) {
  const std::scoped_lock lock(mutex_);
  auto status = database_->execute(
      "INSERT INTO factors (person, sealed_secret, last_counter) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", person,
      base::ByteView(factor.sealed_secret), factor.last_counter);
  if (status && database_->changed_rows() == 0)
    return base::fail("factor.exists", "a second factor is already set up for this person", {},
                      "log in with it, or have the administrator reset it");
  return status;
}

base::Result<bool> Store::advance_counter(std::string_view person, std::int64_t counter) {
  const std::scoped_lock lock(mutex_);
  const auto status = database_->execute("UPDATE factors SET last_counter = ?2 WHERE person = ?1 AND last_counter < ?2",
                                         person, counter);
  if (!status) return std::unexpected(status.error());
  return database_->changed_rows() == 1;
}

base::Status Store::remove_factor(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("DELETE FROM factors WHERE person = ?", person);
}

base::Result<Attempt> Store::begin_attempt(std::string_view person, base::Instant now, std::uint32_t failures_max,
                                           base::Seconds lock_for) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  const auto before = read_failures(*database_, person);
  if (!before) return std::unexpected(before.error());
  if (before->locked_until > now) return Attempt{.allowed = false, .locked_until = before->locked_until};
  // The count stops one above the limit: enough to be above it, and return_attempt() then leads back to the limit.
  const std::int64_t limit = std::max<std::int64_t>(failures_max, 1);
  const std::int64_t failures = std::min(before->failures, limit) + 1;
  const base::Instant locked_until = failures >= limit ? now + lock_for : base::Instant{};
  auto status = database_->execute(
      "INSERT INTO failures (person, failures, locked_until, last) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (person) DO UPDATE SET failures = ?2, locked_until = ?3, last = ?4",
      person, failures, locked_until.unix_s, now.unix_s);
  if (status && before->failures == 0) status = bound_failures(*database_);
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return Attempt{.allowed = true, .locked_until = {}};
}

base::Status Store::return_attempt(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("UPDATE failures SET failures = max(failures - 1, 0), locked_until = 0 WHERE person = ?",
                            person);
}

base::Status Store::clear_failures(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("DELETE FROM failures WHERE person = ?", person);
}

}  // namespace gateway::store
