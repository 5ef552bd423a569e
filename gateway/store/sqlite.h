// A thin, value-like skin over SQLite's C interface, for this room only.
//
// One Database is one connection and belongs to one Store, which calls it under its mutex. Errors: store.failed with
// SQLite's words; store.constraint when a constraint refused the row; store.busy after the wait for another process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gateway::store {

namespace base = policy::base;

// A prepared statement. bind() numbers parameters from 1; column getters number from 0.
class Statement {
 public:
  Statement(sqlite3* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}

  Statement& bind(int at, std::int64_t value);
  Statement& bind(int at, std::string_view text);
  Statement& bind(int at, base::ByteView blob);
  Statement& bind_null(int at);

  base::Result<bool> step();  // true: a row is there; false: done
  base::Status run();         // step() to the end

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  base::Bytes blob(int column) const;
  bool is_null(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = 0;  // first failure of a bind(), reported by step()
};

class Database {
 public:
  // Opens or creates with WAL, synchronous=FULL, secure_delete=ON, foreign_keys=ON; the file readable by its owner
  // only.
  static base::Result<Database> open(const std::string& path);

  base::Result<Statement> prepare(std::string_view sql);
  template <typename... Values>
  base::Result<Statement> query(std::string_view sql, const Values&... values) {
    auto statement = prepare(sql);
    int at = 0;
    if (statement) (statement->bind(++at, values), ...);
    return statement;
  }
  template <typename... Values>
  base::Status execute(std::string_view sql, const Values&... values) {
    auto statement = query(sql, values...);
    if (!statement) return std::unexpected(statement.error());
    return statement->run();
  }
  base::Status run(const char* script);  // several statements without parameters
  std::int64_t changed_rows() const;     // by the last statement

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Database(sqlite3* connection) : connection_(connection) {}
  std::unique_ptr<sqlite3, Close> connection_;
};

// BEGIN IMMEDIATE … COMMIT; rolls back when it goes out of scope uncommitted.
class Transaction {
 public:
  static base::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  base::Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace gateway::store
