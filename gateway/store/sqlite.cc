#include "gateway/store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

namespace gateway::store {
namespace {

// How long a statement waits for another process that holds the write lock.
constexpr int kBusyWait_ms = 10'000;

std::unexpected<base::Error> failed(sqlite3* connection, int result) {
  const std::string words = base::printable(connection ? sqlite3_errmsg(connection) : sqlite3_errstr(result), 200);
  switch (result & 0xFF) {
    case SQLITE_CONSTRAINT: return base::fail("store.constraint", "the database refused a row: " + words);
    case SQLITE_BUSY:
      return base::fail("store.busy", "the database is held by another process: " + words, {},
                        "run one gateway per database");
    default:
      return base::fail("store.failed", "the database reported: " + words, {},
                        "check disk space, file rights and the disk itself");
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Statement& Statement::bind(int at, std::int64_t value) {
  if (const int result = sqlite3_bind_int64(statement_.get(), at, value); result != SQLITE_OK) bind_error_ = result;
  return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
  const int result = sqlite3_bind_text64(statement_.get(), at, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (result != SQLITE_OK) bind_error_ = result;
  return *this;
}

Statement& Statement::bind(int at, base::ByteView blob) {
  // An empty view may have no data, and SQLite would take that for NULL.
  const int result = blob.empty()
                         ? sqlite3_bind_zeroblob(statement_.get(), at, 0)
                         : sqlite3_bind_blob64(statement_.get(), at, blob.data(), blob.size(), SQLITE_TRANSIENT);
  if (result != SQLITE_OK) bind_error_ = result;
  return *this;
}

Statement& Statement::bind_null(int at) {
  if (const int result = sqlite3_bind_null(statement_.get(), at); result != SQLITE_OK) bind_error_ = result;
  return *this;
}

base::Result<bool> Statement::step() {
  if (bind_error_ != SQLITE_OK) return failed(connection_, bind_error_);
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return failed(connection_, result);
}

base::Status Statement::run() {
  for (;;) {
    const auto row = step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)))
              : std::string();
}

base::Bytes Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return data ? base::Bytes(data, data + sqlite3_column_bytes(statement_.get(), column)) : base::Bytes();
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

base::Result<Database> Database::open(const std::string& path) {
  // SQLite would create the file readable for everybody; its -wal and -shm take over the rights of the main file.
  if (const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); file >= 0) ::close(file);
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(raw);
  auto status = result == SQLITE_OK ? base::Status{} : base::Status(failed(raw, result));
  if (status) {
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, kBusyWait_ms);
    status = database.run(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
        "PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0;");
  }
  if (!status) {
    status.error().where = path;
    return std::unexpected(status.error());
  }
  return database;
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (result != SQLITE_OK) return failed(connection_.get(), result);
  return Statement(connection_.get(), statement);
}

base::Status Database::run(const char* script) {
  const int result = sqlite3_exec(connection_.get(), script, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return failed(connection_.get(), result);
  return {};
}

std::int64_t Database::changed_rows() const { return sqlite3_changes64(connection_.get()); }

base::Result<Transaction> Transaction::begin(Database& database) {
  if (const auto status = database.run("BEGIN IMMEDIATE"); !status) return std::unexpected(status.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_) (void)database_->run("ROLLBACK");
}

base::Status Transaction::commit() {
  const auto status = database_->run("COMMIT");
  if (status) database_ = nullptr;
  return status;
}

}  // namespace gateway::store
