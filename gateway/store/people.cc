#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

base::Result<std::optional<PersonRecord>> read_person(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const auto mailbox = base::MailboxId::from_wire(base::as_text(statement->blob(2)));
  if (!mailbox) return std::unexpected(mailbox.error());
  return PersonRecord{.person = statement->text(0), .stable_id = statement->text(1), .mailbox = *mailbox};
}

base::Result<std::optional<PersonRecord>> find_person(Database& database, std::string_view person) {
  return read_person(database.query("SELECT person, stable_id, mailbox FROM people WHERE person = ?", person));
}

// A direct conversation without one of its two people is nothing that anybody could write to.
base::Status forget(Database& database, std::string_view person) {
  auto status = database.execute(
      "DELETE FROM conversations WHERE id IN (SELECT conversation FROM direct_pairs WHERE low = ?1 OR high = ?1)",
      person);
  if (status) status = database.execute("DELETE FROM people WHERE person = ?", person);
  if (status) status = database.execute("DELETE FROM failures WHERE person = ?", person);
  return status;
}

}  // namespace

base::Result<Store::Ensured> Store::ensure_person(std::string_view person, std::string_view stable_id,
                                                  const base::MailboxId& fresh) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  const auto known = find_person(*database_, person);
  if (!known) return std::unexpected(known.error());
  const bool same = *known && ((*known)->stable_id == stable_id || (*known)->stable_id.empty() || stable_id.empty());
  Ensured ensured{.record = {.person = std::string(person), .stable_id = std::string(stable_id), .mailbox = fresh},
                  .replaced = *known && !same};
  base::Status status;
  if (same) {
    ensured.record = **known;
    if (ensured.record.stable_id.empty() && !stable_id.empty()) {
      ensured.record.stable_id = stable_id;
      status = database_->execute("UPDATE people SET stable_id = ? WHERE person = ?", stable_id, person);
    }
  } else {
    if (ensured.replaced) status = forget(*database_, person);
    if (status)
      status = database_->execute("INSERT INTO people (person, stable_id, mailbox) VALUES (?, ?, ?)", person, stable_id,
                                  fresh.view());
  }
  if (status) status = transaction->commit();
  if (!status) return std::unexpected(status.error());
  return ensured;
}

base::Result<std::optional<PersonRecord>> Store::person(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return find_person(*database_, person);
}

base::Result<std::optional<PersonRecord>> Store::person_of(const base::MailboxId& mailbox) {
  const std::scoped_lock lock(mutex_);
  return read_person(
      database_->query("SELECT person, stable_id, mailbox FROM people WHERE mailbox = ?", mailbox.view()));
}

base::Status Store::forget_person(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  auto transaction = Transaction::begin(*database_);
  if (!transaction) return std::unexpected(transaction.error());
  if (auto status = forget(*database_, person); !status) return status;
  return transaction->commit();
}

}  // namespace gateway::store
