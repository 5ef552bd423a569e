#include "audit/store/sqlite/sqlite.h"

#include <algorithm>
#include <filesystem>

namespace audit::store {

using log::Bytes;
using log::Object;
using log::Result;
using log::Status;
using log::Unsettled;
using policy::base::as_text;
using policy::base::ByteView;
using policy::base::fail;

namespace {

constexpr std::string_view kObjects =
    "CREATE TABLE IF NOT EXISTS objects(row INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, bytes BLOB NOT NULL)";
// Row 0 is the settled checkpoint, the others are promises in their order; `round` counts what makes a state certain.
constexpr std::string_view kPromises =
    "CREATE TABLE IF NOT EXISTS promises(number INTEGER PRIMARY KEY, note BLOB NOT NULL, carried BLOB NOT NULL, "
    "round INTEGER NOT NULL DEFAULT 0)";

Status make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return fail("store.io", error.message(), "a file system that takes it", "check the volume and the permissions",
              folder);
}

std::string text_of(const Bytes& bytes) { return std::string(as_text(bytes)); }

std::unexpected<policy::base::Error> conflict() {
  return fail("store.conflict", "another checkpoint than expected", "the one last loaded");
}

}  // namespace

Result<std::unique_ptr<SqliteObjects>> SqliteObjects::open(const std::string& folder) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  auto connection = Connection::open(folder + "/objects.sqlite", Access::kWrite, kObjects);
  if (!connection) return std::unexpected(connection.error());
  return std::unique_ptr<SqliteObjects>(new SqliteObjects(std::move(*connection)));
}

Result<std::unique_ptr<SqliteObjects>> SqliteObjects::open_to_read(const std::string& folder) {
  auto connection = Connection::open(folder + "/objects.sqlite", Access::kRead, {});
  if (!connection) return std::unexpected(connection.error());
  return std::unique_ptr<SqliteObjects>(new SqliteObjects(std::move(*connection)));
}

// An object of the same size is overwritten where it is; secure_delete zeroes what another one leaves.
Status SqliteObjects::put_all(std::span<const Object> objects) {
  const std::scoped_lock lock(mutex_);
  connection_->begin();
  for (const Object& object : objects)
    connection_->run("INSERT INTO objects(path, bytes) VALUES(?1, ?2) ON CONFLICT(path) DO UPDATE SET bytes = ?2",
                     std::string_view(object.path), ByteView(object.bytes));
  return connection_->commit();
}

Result<std::optional<Bytes>> SqliteObjects::get(std::string_view path) const {
  const std::scoped_lock lock(mutex_);
  auto rows = connection_->rows("SELECT bytes FROM objects WHERE path = ?1", 1, path);
  if (auto good = connection_->take_failure(); !good) return std::unexpected(good.error());
  if (rows.empty()) return std::nullopt;
  return std::move(rows[0][0]);
}

Result<std::vector<std::string>> SqliteObjects::list(std::string_view prefix) const {
  const std::scoped_lock lock(mutex_);
  const auto rows = connection_->rows(
      "SELECT path FROM objects WHERE substr(path, 1, length(?1)) = ?1 AND path >= ?1 ORDER BY path", 1, prefix);
  if (auto good = connection_->take_failure(); !good) return std::unexpected(good.error());
  std::vector<std::string> paths;
  for (const auto& row : rows) paths.push_back(text_of(row[0]));
  return paths;
}

Status SqliteObjects::remove(std::span<const std::string> paths) {
  const std::scoped_lock lock(mutex_);
  connection_->begin();
  for (const std::string& path : paths) connection_->run("DELETE FROM objects WHERE path = ?1", std::string_view(path));
  return connection_->commit();
}

Status SqliteObjects::zero(std::string_view path, std::size_t offset, std::size_t size) {
  const std::scoped_lock lock(mutex_);
  connection_->begin();
  const auto rows =
      connection_->rows("SELECT CAST(row AS TEXT), CAST(length(bytes) AS TEXT) FROM objects WHERE path = ?1", 2, path);
  if (!connection_->failed()) {
    const std::size_t length = rows.empty() ? 0 : std::stoull(text_of(rows[0][1]));
    if (rows.empty() || length < offset || length - offset < size) {
      connection_->rollback();
      return fail("store.range", "bytes beyond the object", "bytes of an object that exists", {}, std::string(path));
    }
    connection_->zero_blob("objects", "bytes", std::stoll(text_of(rows[0][0])), offset, size);
  }
  if (auto done = connection_->commit(); !done) return done;
  return connection_->truncate_wal();
}

Result<std::unique_ptr<SqliteLock>> SqliteLock::open(const std::string& folder) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  auto connection = Connection::open(folder + "/promises.sqlite", Access::kWriteAlone, kPromises);
  if (!connection) return std::unexpected(connection.error());
  return std::unique_ptr<SqliteLock>(new SqliteLock(std::move(*connection)));
}

// A commit that has failed may lie in the WAL all the same, and count after a crash. The next commit is written in its
// place, so one that succeeds makes certain that the failed one never counts.
Status SqliteLock::make_certain() {
  if (!doubtful_) return {};
  connection_->begin();
  connection_->run(
      "INSERT INTO promises(number, note, carried) VALUES(0, x'', x'') ON CONFLICT(number) DO UPDATE "
      "SET round = round + 1");
  auto certain = connection_->commit();
  if (certain) doubtful_ = false;
  return certain;
}

Result<std::string> SqliteLock::newest() {
  if (auto certain = make_certain(); !certain) return std::unexpected(certain.error());
  const auto rows = connection_->rows("SELECT note FROM promises ORDER BY number DESC LIMIT 1", 1);
  if (auto good = connection_->take_failure(); !good) return std::unexpected(good.error());
  return rows.empty() ? std::string() : text_of(rows[0][0]);
}

Result<std::string> SqliteLock::load() {
  const std::scoped_lock lock(mutex_);
  return newest();
}

Result<Unsettled> SqliteLock::unsettled() {
  const std::scoped_lock lock(mutex_);
  if (auto certain = make_certain(); !certain) return std::unexpected(certain.error());
  auto rows = connection_->rows("SELECT note, carried FROM promises ORDER BY number", 2);
  if (auto good = connection_->take_failure(); !good) return std::unexpected(good.error());
  Unsettled state;
  for (auto& row : rows) state.promises.push_back({text_of(row[0]), std::move(row[1])});
  if (!state.promises.empty()) {
    state.settled = std::move(state.promises.front().note);
    state.promises.erase(state.promises.begin());
  }
  return state;
}

Status SqliteLock::replace(std::string_view expected, std::string_view next) {
  const std::scoped_lock lock(mutex_);
  auto stored = newest();
  if (!stored) return std::unexpected(stored.error());
  const auto promises = connection_->rows("SELECT note FROM promises WHERE number > 0 LIMIT 1", 1);
  if (auto good = connection_->take_failure(); !good) return good;
  if (*stored != expected || !promises.empty()) return conflict();
  doubtful_ = true;
  connection_->begin();
  connection_->run("UPDATE promises SET note = ?1 WHERE number = 0", policy::base::as_bytes(next));
  if (auto done = connection_->commit(); !done) return done;
  doubtful_ = false;
  return {};
}

Status SqliteLock::promise(std::string_view expected, std::string_view next, ByteView carried) {
  const std::scoped_lock lock(mutex_);
  auto stored = newest();
  if (!stored) return std::unexpected(stored.error());
  if (*stored != expected) return conflict();
  doubtful_ = true;
  connection_->begin();
  connection_->run("INSERT INTO promises(number, note, carried) SELECT max(number) + 1, ?1, ?2 FROM promises",
                   policy::base::as_bytes(next), carried);
  if (auto done = connection_->commit(); !done) return done;
  doubtful_ = false;
  return {};
}

Status SqliteLock::settle(std::string_view note) {
  const std::scoped_lock lock(mutex_);
  if (auto certain = make_certain(); !certain) return certain;
  const auto found =
      connection_->rows("SELECT CAST(number AS TEXT) FROM promises WHERE note = ?1", 1, policy::base::as_bytes(note));
  if (auto good = connection_->take_failure(); !good) return good;
  if (found.empty())
    return fail("store.conflict", "a checkpoint that was not promised", "the settled one, or one that was promised");
  const std::int64_t number = std::stoll(text_of(found[0][0]));
  doubtful_ = true;
  connection_->begin();
  connection_->run("DELETE FROM promises WHERE number BETWEEN 1 AND ?1", number);
  connection_->run("UPDATE promises SET note = ?1 WHERE number = 0", policy::base::as_bytes(note));
  if (auto done = connection_->commit(); !done) return done;
  doubtful_ = false;
  return connection_->truncate_wal();
}

}  // namespace audit::store
