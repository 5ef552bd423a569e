#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {

base::Status Store::add_session(const Session& session, const Hash& token) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  auto status = database_->execute("DELETE FROM sessions WHERE device = ?", session.device.view());
  if (status)
    status = database_->execute(
        "INSERT INTO sessions (id, person, device, token_hash, logged_in, expires, last_seen, wiped) "
        "SELECT ?1, ?2, id, ?4, ?5, ?6, ?7, 0 FROM devices WHERE id = ?3 AND person = ?2 AND state = 1",
        session.id.view(), session.person, session.device.view(), token, session.logged_in.unix_s,
        session.expires.unix_s, session.last_seen.unix_s);
  if (!status) return status;
  if (database_->changed_rows() == 0) return base::fail("device.unknown", "the device is not active any more");
  return transaction->commit();
}

base::Result<std::optional<Session>> Store::session_of(const Hash& token) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query(
      "SELECT id, person, device, logged_in, expires, last_seen, wiped, token_hash <> ?1 FROM sessions "
      "WHERE token_hash = ?1 OR pending_hash = ?1",
      token);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  Session session;
  std::ranges::copy(statement->blob(0), session.id.bytes.begin());
  session.person = statement->text(1);
  std::ranges::copy(statement->blob(2), session.device.bytes.begin());
  session.logged_in = {statement->integer(3)};
  session.expires = {statement->integer(4)};
  session.last_seen = {statement->integer(5)};
  session.wiped = statement->integer(6) != 0;
  session.by_pending = statement->integer(7) != 0;
  return session;
}

base::Status Store::set_pending(const SessionId& id, const Hash& token) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("UPDATE sessions SET pending_hash = ?2 WHERE id = ?1", id.view(), token);
}

base::Status Store::promote_pending(const SessionId& id) {
  const std::scoped_lock lock(mutex_);
  return database_->execute(
      "UPDATE sessions SET token_hash = pending_hash, pending_hash = NULL WHERE id = ? AND pending_hash IS NOT NULL",
      id.view());
}

base::Status Store::touch(const SessionId& id, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("UPDATE sessions SET last_seen = ?2 WHERE id = ?1 AND last_seen < ?2", id.view(),
                            now.unix_s);
}

base::Result<bool> Store::end_session(const SessionId& id) {
  const std::scoped_lock lock(mutex_);
  const auto status = database_->execute("DELETE FROM sessions WHERE id = ?", id.view());
  if (!status) return std::unexpected(status.error());
  return database_->changed_rows() == 1;
}

base::Result<std::size_t> Store::end_sessions_of(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  const auto status = database_->execute("DELETE FROM sessions WHERE person = ? AND wiped = 0", person);
  if (!status) return std::unexpected(status.error());
  return static_cast<std::size_t>(database_->changed_rows());
}

base::Result<std::vector<std::string>> Store::people_with_sessions() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT DISTINCT person FROM sessions WHERE wiped = 0 ORDER BY person");
  if (!statement) return std::unexpected(statement.error());
  std::vector<std::string> people;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return people;
    people.push_back(statement->text(0));
  }
}

base::Result<std::size_t> Store::purge_sessions(base::Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto status = database_->execute("DELETE FROM sessions WHERE expires <= ?", now.unix_s);
  if (!status) return std::unexpected(status.error());
  return static_cast<std::size_t>(database_->changed_rows());
}

}  // namespace gateway::store
