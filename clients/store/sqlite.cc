#include "clients/store/sqlite.h"

namespace clients::store {
namespace base = policy::base;

namespace {

constexpr int kBusyTimeoutMs = 5000;

std::unexpected<base::Error> failure(sqlite3* database, int code) {
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
    return base::fail("store.damaged", "a message file that is no database any more",
                      "the file as this program wrote it",
                      "remove the folder and log in again; messages that other devices hold are not lost");
  return base::fail("store.unavailable", "the message store refused: " + std::string(sqlite3_errmsg(database)),
                    "a folder of your own with free space", "check free space and permissions, then try again");
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql)
    : database_(database), statement_(nullptr, sqlite3_finalize) {
  sqlite3_stmt* raw = nullptr;
  prepared_ = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  statement_.reset(raw);
}

Statement& Statement::bind(int place, base::ByteView bytes) {
  // A null pointer would bind NULL instead of an empty value.
  const void* data = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  sqlite3_bind_blob(statement_.get(), place, data, static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
  return *this;
}

base::Result<bool> Statement::step() {
  if (prepared_ != SQLITE_OK) return failure(database_, prepared_);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(database_, code);
}

base::Status Statement::run() {
  while (true) {
    auto more = step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

base::Bytes Statement::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? base::Bytes{} : base::Bytes(data, data + size);
}

base::Result<Database> Database::open(const std::filesystem::path& path) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return failure(raw, code);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  for (const auto* setting : {"PRAGMA journal_mode=DELETE", "PRAGMA synchronous=EXTRA", "PRAGMA secure_delete=ON",
                              "PRAGMA mmap_size=0", "PRAGMA temp_store=MEMORY"})
    if (auto status = database.run(setting); !status) return std::unexpected(status.error());
  return database;
}

Transaction::~Transaction() {
  if (status_ && !done_) (void)database_.run("ROLLBACK");
}

base::Status Transaction::commit() {
  auto status = database_.run("COMMIT");
  done_ = status.has_value();
  return status;
}

}  // namespace clients::store
