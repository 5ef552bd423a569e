// The ports on SQLite, for whoever backs up and moves a log as two files instead of a tree of small ones:
// objects.sqlite and promises.sqlite in a folder of their own.
//
// A promise is one transaction in promises.sqlite, so it never waits for publishing. Overwriting (zero, settle) zeroes
// the bytes where they are, moves all pages into the main file and cuts the WAL to nothing. The lock has
// promises.sqlite alone as long as it lives: a second sequencer is refused (store.locked). Readers, also in other
// processes, open objects.sqlite only to read; one that holds an old state makes overwriting fail with store.busy.
//
// Errors: store.io with path and SQLite's reason, store.locked, store.busy, store.range, store.conflict.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "audit/store/sqlite/connection.h"

namespace audit::store {

class SqliteObjects final : public log::Objects {
 public:
  // For reading and writing; makes folder and file.
  static log::Result<std::unique_ptr<SqliteObjects>> open(const std::string& folder);
  static log::Result<std::unique_ptr<SqliteObjects>> open_to_read(const std::string& folder);

  log::Status put_all(std::span<const log::Object> objects) override;
  log::Result<std::optional<log::Bytes>> get(std::string_view path) const override;
  log::Result<std::vector<std::string>> list(std::string_view prefix) const override;
  log::Status remove(std::span<const std::string> paths) override;
  log::Status zero(std::string_view path, std::size_t offset, std::size_t size) override;

 private:
  explicit SqliteObjects(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  mutable std::mutex mutex_;
  std::unique_ptr<Connection> connection_;  // guarded by mutex_
};

class SqliteLock final : public log::LockedCheckpoint {
 public:
  static log::Result<std::unique_ptr<SqliteLock>> open(const std::string& folder);

  log::Result<std::string> load() override;
  log::Result<log::Unsettled> unsettled() override;
  log::Status replace(std::string_view expected, std::string_view next) override;
  log::Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) override;
  log::Status settle(std::string_view note) override;

 private:
  explicit SqliteLock(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  log::Status make_certain();
  log::Result<std::string> newest();

  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;  // guarded by mutex_
  bool doubtful_ = true;                    // a commit has failed, perhaps in the process before; guarded by mutex_
};

}  // namespace audit::store
