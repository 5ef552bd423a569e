// One SQLite connection with what the relay needs of it: cached statements, one transaction at a time, truncated WAL.
//
// WAL, synchronous=FULL (a commit is on disk when it returns), secure_delete=ON (freed pages are zeroed), no mmap,
// temporary data in memory, exclusive locking: this connection does all reads, writes and checkpoints, and no other can
// open the file, so neither the WAL-reset defect (SQLite up to 3.51.2) nor a forgotten reader that keeps deleted bytes
// in the WAL can occur.
//
// Failure is sticky: after a statement has failed, the following ones do nothing, rows are empty, and commit() or
// take_failure() reports the first failure. So the code of a transaction reads straight on, and is checked once.
//
// One thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace relay::store {

using policy::base::ByteView;

// The rows of one running statement; resets it at its end. At most one Rows per SQL text at a time.
class Rows {
 public:
  Rows(class Database& database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next();
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::uint64_t natural(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  ByteView blob(int column) const;  // valid until next()

 private:
  Database& database_;
  sqlite3_stmt* statement_;  // null after a failure
};

class Database {
 public:
  // Creates the file with mode 0600 if it is missing. Errors: store.unavailable, store.locked, store.corrupt.
  static policy::base::Result<std::unique_ptr<Database>> open(const std::string& path, std::uint64_t size_bytes_max);
  explicit Database(sqlite3* connection) : connection_(connection) {}
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  template <typename... Values>
  Rows query(std::string_view sql, const Values&... values) {
    sqlite3_stmt* statement = prepared(sql);
    int index = 0;
    (bind(statement, ++index, values), ...);
    return {*this, statement};
  }
  template <typename... Values>
  void run(std::string_view sql, const Values&... values) {
    Rows rows = query(sql, values...);
    while (rows.next()) {
    }
  }
  // Statements without values that are not worth keeping: schema, pragmas.
  void script(const std::string& sql);

  void begin() { run("BEGIN IMMEDIATE"); }
  // Rolls back when anything failed. Errors: store.unavailable, store.corrupt.
  policy::base::Status commit();
  void rollback();
  std::int64_t last_row() const { return sqlite3_last_insert_rowid(connection_); }

  // Moves everything into the main file and cuts the WAL to nothing. Error: store.unavailable (also: not everything
  // moved).
  policy::base::Status truncate_wal();
  // Forgets statements that name this table, before it is dropped.
  void forget_statements(std::string_view table);

  bool failed() const { return failure_.has_value(); }
  std::optional<policy::base::Error> take_failure() { return std::exchange(failure_, std::nullopt); }
  void note_failure(int code);

 private:
  sqlite3_stmt* prepared(std::string_view sql);
  static void bind(sqlite3_stmt* statement, int index, std::int64_t value);
  static void bind(sqlite3_stmt* statement, int index, std::uint64_t value);
  static void bind(sqlite3_stmt* statement, int index, int value) { bind(statement, index, std::int64_t{value}); }
  static void bind(sqlite3_stmt* statement, int index, ByteView value);

  sqlite3* connection_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;  // bounded: the SQL texts of this room, and two a bucket
  std::optional<policy::base::Error> failure_;
};

}  // namespace relay::store
