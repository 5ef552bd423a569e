#include "relay/store/sqlite/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace relay::store {
namespace {

using policy::base::Error;
using policy::base::fail;
using policy::base::Result;
using policy::base::Status;

constexpr int kPageBytes = 4096;

Error to_error(int code, const char* message) {
  const std::string seen = std::string("the store answered: ") + message;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    return {"store.corrupt", seen, "", "restore the data folder from a backup; the relay does not guess", ""};
  if (code == SQLITE_BUSY)
    return {"store.locked", seen, "one process at a time on a data folder", "stop the other process", ""};
  if (code == SQLITE_FULL)
    return {"store.unavailable", seen, "", "free space on the disk or raise --store-bytes-max", ""};
  return {"store.unavailable", seen, "", "look at the disk of the data folder", ""};
}

Status create_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail("store.unavailable", path + ": " + std::strerror(errno), "", "check the folder and its rights");
  ::close(fd);
  return {};
}

}  // namespace

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Rows::next() {
  if (statement_ == nullptr || database_.failed()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.note_failure(code);
  return false;
}

ByteView Rows::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, std::uint64_t size_bytes_max) {
  if (auto status = create_private(path); !status) return std::unexpected(status.error());
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto database = std::make_unique<Database>(connection);
  if (code != SQLITE_OK) return std::unexpected(to_error(code, sqlite3_errstr(code)));
  sqlite3_extended_result_codes(connection, 0);
  database->script(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA max_page_count=" +
      std::to_string(size_bytes_max / kPageBytes));
  if (auto failure = database->take_failure()) return std::unexpected(*failure);
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

void Database::note_failure(int code) {
  if (!failure_) failure_ = to_error(code & 0xFF, sqlite3_errmsg(connection_));
}

sqlite3_stmt* Database::prepared(std::string_view sql) {
  if (failed()) return nullptr;
  if (const auto found = statements_.find(std::string(sql)); found != statements_.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) {
    note_failure(code);
    return nullptr;
  }
  return statements_.emplace(sql, statement).first->second;
}

void Database::bind(sqlite3_stmt* statement, int index, std::int64_t value) {
  if (statement != nullptr) sqlite3_bind_int64(statement, index, value);
}
void Database::bind(sqlite3_stmt* statement, int index, std::uint64_t value) {
  bind(statement, index, static_cast<std::int64_t>(value));
}
// The caller's bytes outlive the statement's run in every use here, but not always its next(): copied.
void Database::bind(sqlite3_stmt* statement, int index, ByteView value) {
  if (statement != nullptr) sqlite3_bind_blob64(statement, index, value.data(), value.size(), SQLITE_TRANSIENT);
}

void Database::script(const std::string& sql) {
  if (failed()) return;
  const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) note_failure(code);
}

Status Database::commit() {
  run("COMMIT");
  auto failure = take_failure();
  if (!failure) return {};
  rollback();
  return std::unexpected(*failure);
}

void Database::rollback() {
  failure_.reset();
  if (sqlite3_get_autocommit(connection_) == 0) sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Database::truncate_wal() {
  int left = -1;
  int moved = -1;
  const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &left, &moved);
  if (code == SQLITE_OK && left == 0 && moved == 0) return {};
  return fail("store.unavailable",
              "the write-ahead log could not be cut: " + std::string(sqlite3_errstr(code)) + ", " +
                  std::to_string(left) + " frames left, " + std::to_string(moved) + " moved",
              "0 frames left", "tried again every second; look at the disk if it lasts");
}

void Database::forget_statements(std::string_view table) {
  std::erase_if(statements_, [&](const auto& one) {
    if (one.first.find(table) == std::string::npos) return false;
    sqlite3_finalize(one.second);
    return true;
  });
}

}  // namespace relay::store
