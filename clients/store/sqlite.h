// One SQLite connection and its statements, just as much as Store needs.
//
// Rollback journal, not WAL: several short-lived processes of one person share the file, and SQLite before 3.51.3 can
// lose data when two connections write and checkpoint a WAL at once. Writes wait up to five seconds for another
// process. Private to clients/store. Errors: store.unavailable, store.damaged (not a database).
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace clients::store {

class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  Statement& bind(int place, policy::base::ByteView bytes);
  Statement& bind(int place, std::int64_t value);

  // True: a row is there to be read. False: done.
  policy::base::Result<bool> step();
  // For statements without rows.
  policy::base::Status run();

  std::int64_t number(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  policy::base::Bytes bytes(int column) const;

 private:
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement_;
  int prepared_;
};

class Database {
 public:
  static policy::base::Result<Database> open(const std::filesystem::path& path);
  Statement prepare(std::string_view sql) { return {handle_.get(), sql}; }
  policy::base::Status run(std::string_view sql) { return prepare(sql).run(); }
  int changes() const { return sqlite3_changes(handle_.get()); }

 private:
  explicit Database(sqlite3* handle) : handle_(handle, sqlite3_close_v2) {}
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_;
};

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database), status_(database.run("BEGIN IMMEDIATE")) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  const policy::base::Status& begun() const { return status_; }
  policy::base::Status commit();

 private:
  Database& database_;
  policy::base::Status status_;
  bool done_ = false;
};

}  // namespace clients::store
