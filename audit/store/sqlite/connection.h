// One SQLite connection, as the backends of this room need it.
//
// WAL, synchronous=FULL (a commit is on disk when it returns), secure_delete=ON (what is deleted is overwritten with
// zeros), no mmap, temporary data in memory. After a statement has failed, the following ones do nothing until
// commit(), rollback() or take_failure() has told the failure; so a transaction reads straight on and is checked once.
//
// One thread at a time. Errors: store.io, store.locked (another process has the file), each with the path.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log/ports.h"

namespace audit::store {

enum class Access : std::uint8_t { kRead, kWrite, kWriteAlone };  // alone: no other connection, not even a reader

class Connection {
 public:
  // Writing makes the file, with mode 0600, and runs `schema`.
  static log::Result<std::unique_ptr<Connection>> open(const std::string& path, Access access, std::string_view schema);
  Connection(sqlite3* raw, std::string path) : raw_(raw), path_(std::move(path)) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A value is bound as text or as bytes, by its type.
  template <typename... Values>
  void run(std::string_view sql, const Values&... values) {
    (void)rows(sql, 0, values...);
  }
  // All rows, the first `columns` of each as bytes.
  template <typename... Values>
  std::vector<std::vector<log::Bytes>> rows(std::string_view sql, int columns, const Values&... values) {
    sqlite3_stmt* const statement = prepare(sql);
    int index = 0;
    (bind(statement, ++index, values), ...);
    return finish(statement, columns);
  }

  void begin() { run("BEGIN IMMEDIATE"); }
  log::Status commit();
  void rollback();
  // Everything into the main file, and the WAL cut to nothing, so that no old page stays anywhere. Error also
  // store.busy: a reader holds an old state; try again.
  log::Status truncate_wal();
  // In place, in the running transaction. False: the failure is kept.
  bool zero_blob(std::string_view table, std::string_view column, std::int64_t row, std::size_t offset,
                 std::size_t size);

  bool failed() const { return failure_.has_value(); }
  log::Status take_failure();

 private:
  sqlite3_stmt* prepare(std::string_view sql);
  static void bind(sqlite3_stmt* statement, int index, std::string_view text);
  static void bind(sqlite3_stmt* statement, int index, policy::base::ByteView bytes);
  static void bind(sqlite3_stmt* statement, int index, std::int64_t number);
  std::vector<std::vector<log::Bytes>> finish(sqlite3_stmt* statement, int columns);
  void note_failure(int code);

  sqlite3* raw_;
  std::string path_;
  std::optional<policy::base::Error> failure_;
};

}  // namespace audit::store
