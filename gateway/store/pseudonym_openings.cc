#include <algorithm>

#include "gateway/store/sqlite.h"
#include "gateway/store/store.h"

namespace gateway::store {

base::Status Store::add_pseudonym_opening(const PseudonymOpening& opening) {
  const std::scoped_lock lock(mutex_);
  return database_->execute(
      "INSERT OR IGNORE INTO pseudonym_openings (request, begins, ends, purpose, opened, told) VALUES (?, ?, ?, ?, ?, "
      "?)",
      base::ByteView(opening.request), opening.span.begin.unix_s, opening.span.end.unix_s, opening.purpose,
      opening.opened.unix_s, opening.told.unix_s);
}

base::Result<std::vector<PseudonymOpening>> Store::pseudonym_openings_told(base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto statement = database_->query(
      "SELECT request, begins, ends, purpose, opened, told FROM pseudonym_openings WHERE told <= ? ORDER BY opened, "
      "request",
      now.unix_s);
  if (!statement) return std::unexpected(statement.error());
  std::vector<PseudonymOpening> out;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return out;
    PseudonymOpening one;
    std::ranges::copy(statement->blob(0), one.request.begin());
    one.span = {{statement->integer(1)}, {statement->integer(2)}};
    one.purpose = statement->text(3);
    one.opened = {statement->integer(4)};
    one.told = {statement->integer(5)};
    out.push_back(std::move(one));
  }
}

base::Status Store::purge_pseudonym_openings(base::Instant now) {
  const std::scoped_lock lock(mutex_);
  return database_->execute("DELETE FROM pseudonym_openings WHERE told < ?", now.unix_s - kPseudonymOpeningsKept_s);
}

}  // namespace gateway::store
