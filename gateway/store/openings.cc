#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

constexpr std::int64_t kDay_s = 86400;

constexpr std::string_view kOverrides = "SELECT person, rule, role, reason, granter, begins, ends FROM overrides ";
constexpr std::string_view kSelfOpenings = "SELECT person, begins, ends FROM self_openings ";

base::Interval span_at(const Statement& statement, int column) {
  return {{statement.integer(column)}, {statement.integer(column + 1)}};
}

base::Result<std::vector<Override>> read_overrides(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  std::vector<Override> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back({statement->text(0), statement->text(1), statement->text(2), statement->text(3), statement->text(4),
                   span_at(*statement, 5)});
  }
}

base::Result<std::vector<SelfOpening>> read_self_openings(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  std::vector<SelfOpening> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back({statement->text(0), span_at(*statement, 1)});
  }
}

base::Result<std::optional<std::int64_t>> read_number(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return statement->integer(0);
}

// `table` is one of ours, never a text from outside.
base::Status refuse_too_many(Database& database, const std::string& table, std::string_view person) {
  const auto count = read_number(database.query("SELECT count(*) FROM " + table + " WHERE person = ?", person));
  if (!count) return std::unexpected(count.error());
  if (count->value_or(0) < kOpeningsPerPersonMax) return {};
  return std::unexpected(too_many_openings());
}

}  // namespace

base::Error too_many_openings() {
  return {"opening.too-many", std::to_string(kOpeningsPerPersonMax) + " openings of one gate within two weeks",
          "at most " + std::to_string(kOpeningsPerPersonMax), "wait until the oldest are forgotten", ""};
}

base::Status Store::add_override(const Override& granted) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = refuse_too_many(*database_, "overrides", granted.person);
  if (status)
    status = database_->execute(
        "INSERT OR IGNORE INTO overrides (person, rule, role, reason, granter, begins, ends) VALUES (?, ?, ?, ?, ?, ?, "
        "?)",
        granted.person, granted.rule, granted.role, granted.reason, granted.granted_by, granted.span.begin.unix_s,
        granted.span.end.unix_s);
  if (status) status = transaction->commit();
  if (status) ++openings_version_;
  return status;
}

base::Status Store::add_self_opening(const SelfOpening& opening) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = refuse_too_many(*database_, "self_openings", opening.person);
  if (status)
    status = database_->execute("INSERT OR REPLACE INTO self_openings (person, begins, ends) VALUES (?, ?, ?)",
                                opening.person, opening.span.begin.unix_s, opening.span.end.unix_s);
  if (status) status = transaction->commit();
  if (status) ++openings_version_;
  return status;
}

base::Result<bool> Store::close_self_openings(std::string_view person, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = database_->execute("DELETE FROM self_openings WHERE person = ?1 AND begins >= ?2", person, now.unix_s);
  const bool deleted = status && database_->changed_rows() > 0;
  if (status)
    status =
        database_->execute("UPDATE self_openings SET ends = ?2 WHERE person = ?1 AND ends > ?2", person, now.unix_s);
  const bool ended = status && database_->changed_rows() > 0;
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  ++openings_version_;
  return deleted || ended;
}

base::Result<std::vector<Override>> Store::overrides() {
  const std::scoped_lock lock(mutex_);
  return read_overrides(database_->query(std::string(kOverrides) + "ORDER BY person, begins, ends, rule"));
}

base::Result<std::vector<Override>> Store::overrides_of(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return read_overrides(
      database_->query(std::string(kOverrides) + "WHERE person = ? ORDER BY begins, ends, rule", person));
}

base::Result<std::vector<Override>> Store::overrides_by(std::string_view granter) {
  const std::scoped_lock lock(mutex_);
  return read_overrides(
      database_->query(std::string(kOverrides) + "WHERE granter = ? ORDER BY begins, person, rule", granter));
}

base::Result<std::vector<SelfOpening>> Store::self_openings() {
  const std::scoped_lock lock(mutex_);
  return read_self_openings(database_->query(std::string(kSelfOpenings) + "ORDER BY person, begins"));
}

base::Result<std::vector<SelfOpening>> Store::self_openings_of(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return read_self_openings(database_->query(std::string(kSelfOpenings) + "WHERE person = ? ORDER BY begins", person));
}

base::Status Store::add_expired(std::string_view person, std::uint64_t count, base::Instant now) {
  if (count == 0) return {};
  const std::scoped_lock lock(mutex_);
  return database_->execute(
      "INSERT INTO expiries (person, day, count) VALUES (?1, ?2, ?3) "
      "ON CONFLICT (person, day) DO UPDATE SET count = count + ?3",
      person, now.unix_s - now.unix_s % kDay_s, static_cast<std::int64_t>(count));
}

base::Result<std::vector<Expiry>> Store::expired_of(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT day, count FROM expiries WHERE person = ? ORDER BY day", person);
  if (!statement) return std::unexpected(statement.error());
  std::vector<Expiry> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back({{statement->integer(0)}, static_cast<std::uint64_t>(statement->integer(1))});
  }
}

base::Status Store::purge_openings(base::Instant now) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t oldest_s = now.unix_s - kOpeningsKept_s;
  auto status = database_->execute("DELETE FROM overrides WHERE ends < ?", oldest_s);
  if (status) status = database_->execute("DELETE FROM self_openings WHERE ends < ?", oldest_s);
  if (status) status = database_->execute("DELETE FROM expiries WHERE day < ?", oldest_s);
  return status;
}

base::Result<std::uint64_t> Store::people_who_opened(base::Instant day) {
  const std::scoped_lock lock(mutex_);
  const auto count =
      read_number(database_->query("SELECT count(DISTINCT person) FROM self_openings WHERE begins >= ? AND begins < ?",
                                   day.unix_s, day.unix_s + kDay_s));
  if (!count) return std::unexpected(count.error());
  return static_cast<std::uint64_t>(count->value_or(0));
}

base::Result<std::optional<base::Instant>> Store::counted_until() {
  const std::scoped_lock lock(mutex_);
  const auto day = read_number(database_->query("SELECT day FROM counted_days"));
  if (!day) return std::unexpected(day.error());
  if (!*day) return std::nullopt;
  return base::Instant{**day};
}

base::Status Store::set_counted_until(base::Instant day) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("INSERT OR REPLACE INTO counted_days (only, day) VALUES (1, ?)", day.unix_s);
}

}  // namespace gateway::store
