#include "audit/store/sqlite/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace audit::store {
namespace {

using log::Bytes;
using log::Result;
using log::Status;
using policy::base::Error;
using policy::base::fail;

constexpr int kReaderWait_ms = 5000;

Error to_error(int code, const std::string& message, const std::string& path) {
  if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED)
    return {"store.locked", "a log that another sequencer has open", "one sequencer a log",
            "stop the other gateway, or give this one another folder", path};
  return {"store.io", message, "a file system that takes it",
          (code & 0xFF) == SQLITE_FULL ? "free space on the volume" : "check the volume and the permissions", path};
}

Status create_private(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(to_error(SQLITE_CANTOPEN, std::strerror(errno), path));
  ::close(descriptor);
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access, std::string_view schema) {
  if (access != Access::kRead)
    if (auto created = create_private(path); !created) return std::unexpected(created.error());
  sqlite3* raw = nullptr;
  const int flags = access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  auto connection = std::make_unique<Connection>(raw, path);
  if (code != SQLITE_OK) return std::unexpected(to_error(code, sqlite3_errstr(code), path));
  // Only who writes moves pages out of the WAL, and no one else is in it then (WAL-reset defect, SQLite up to 3.51.2).
  sqlite3_busy_timeout(raw, access == Access::kWriteAlone ? 0 : kReaderWait_ms);
  if (access == Access::kWriteAlone) connection->run("PRAGMA locking_mode=EXCLUSIVE");
  for (const char* pragma : {"PRAGMA secure_delete=ON", "PRAGMA mmap_size=0", "PRAGMA temp_store=MEMORY"})
    connection->run(pragma);
  if (access != Access::kRead) {
    for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"}) connection->run(pragma);
    connection->begin();
    connection->run(schema);
    if (auto made = connection->commit(); !made) return std::unexpected(made.error());
  }
  if (auto good = connection->take_failure(); !good) return std::unexpected(good.error());
  return connection;
}

Connection::~Connection() { sqlite3_close(raw_); }

void Connection::note_failure(int code) {
  if (!failure_) failure_ = to_error(code, sqlite3_errmsg(raw_), path_);
}

Status Connection::take_failure() {
  if (!failure_) return {};
  return std::unexpected(*std::exchange(failure_, std::nullopt));
}

sqlite3_stmt* Connection::prepare(std::string_view sql) {
  if (failed()) return nullptr;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(raw_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) note_failure(code);
  return statement;
}

void Connection::bind(sqlite3_stmt* statement, int index, std::string_view text) {
  if (statement != nullptr)
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}
void Connection::bind(sqlite3_stmt* statement, int index, policy::base::ByteView bytes) {
  if (statement == nullptr) return;
  if (bytes.empty())
    sqlite3_bind_zeroblob(statement, index, 0);  // a null pointer would be bound as NULL
  else
    sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
}
void Connection::bind(sqlite3_stmt* statement, int index, std::int64_t number) {
  if (statement != nullptr) sqlite3_bind_int64(statement, index, number);
}

std::vector<std::vector<Bytes>> Connection::finish(sqlite3_stmt* statement, int columns) {
  std::vector<std::vector<Bytes>> rows;
  if (statement == nullptr) return rows;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    auto& row = rows.emplace_back();
    for (int column = 0; column < columns; ++column) {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      row.emplace_back(bytes, bytes + sqlite3_column_bytes(statement, column));
    }
  }
  if (code != SQLITE_DONE) note_failure(code);
  sqlite3_finalize(statement);
  return rows;
}

Status Connection::commit() {
  run("COMMIT");
  auto done = take_failure();
  if (!done) rollback();
  return done;
}

void Connection::rollback() {
  failure_.reset();
  if (sqlite3_get_autocommit(raw_) == 0) run("ROLLBACK");
  failure_.reset();
}

Status Connection::truncate_wal() {
  int frames = 0, moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(raw_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved);
  if (code == SQLITE_OK) return {};
  if ((code & 0xFF) != SQLITE_BUSY) return std::unexpected(to_error(code, sqlite3_errmsg(raw_), path_));
  return fail("store.busy", "a reader that holds an older state of the log", "none while something is overwritten",
              "try again when the reader has ended", path_);
}

bool Connection::zero_blob(std::string_view table, std::string_view column, std::int64_t row, std::size_t offset,
                           std::size_t size) {
  if (failed()) return false;
  static constexpr std::array<std::uint8_t, 4096> kZeros{};
  sqlite3_blob* blob = nullptr;
  int code = sqlite3_blob_open(raw_, "main", std::string(table).c_str(), std::string(column).c_str(), row, 1, &blob);
  while (code == SQLITE_OK && size > 0) {
    const std::size_t step = std::min(size, kZeros.size());
    code = sqlite3_blob_write(blob, kZeros.data(), static_cast<int>(step), static_cast<int>(offset));
    offset += step;
    size -= step;
  }
  if (code != SQLITE_OK) note_failure(code);
  if (const int closed = sqlite3_blob_close(blob); code == SQLITE_OK && closed != SQLITE_OK) note_failure(closed);
  return !failed();
}

}  // namespace audit::store
