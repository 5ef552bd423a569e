#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {
namespace {

base::Result<std::vector<Interruption>> read_interruptions(base::Result<Statement> statement) {
  if (!statement) return std::unexpected(statement.error());
  std::vector<Interruption> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    out.push_back({statement->text(0), {{statement->integer(1)}, {statement->integer(2)}}});
  }
}

}  // namespace

base::Status Store::add_interruption(std::string_view person, base::Interval span) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("INSERT OR REPLACE INTO interruptions (person, begins, ends) VALUES (?, ?, ?)", person,
                            span.begin.unix_s, span.end.unix_s);
}

base::Result<std::vector<Interruption>> Store::interruptions() {
  const std::scoped_lock lock(mutex_);
  return read_interruptions(database_->query("SELECT person, begins, ends FROM interruptions ORDER BY person, begins"));
}

base::Result<std::vector<Interruption>> Store::interruptions_of(std::string_view person) {
  const std::scoped_lock lock(mutex_);
  return read_interruptions(
      database_->query("SELECT person, begins, ends FROM interruptions WHERE person = ? ORDER BY begins", person));
}

base::Status Store::purge_interruptions(base::Instant now) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("DELETE FROM interruptions WHERE ends < ?", now.unix_s - kInterruptionsKept_s);
}

base::Result<std::vector<DeviceOwner>> Store::device_owners() {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query("SELECT id, person FROM devices");
  if (!statement) return std::unexpected(statement.error());
  std::vector<DeviceOwner> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    const auto id = base::DeviceId::from_wire(base::as_text(statement->blob(0)));
    if (!id) return std::unexpected(id.error());
    out.push_back({*id, statement->text(1)});
  }
}

}  // namespace gateway::store
