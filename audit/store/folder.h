// The ports on a POSIX file system: one file an object.
//
// A file is written under tmp/, synchronised, renamed into place, and the folder synchronised. The locked checkpoint is
// sequencer/checkpoint; who opens it holds an advisory lock on sequencer/lock for as long as it lives, so that a second
// sequencer is refused (store.locked); it also removes unfinished writes. Readers need neither lock nor write
// permission.
//
// Folders are made 0700, files 0600. Paths are checked: nothing outside the folder is ever touched (store.path).
// Errors: store.io with path and the system's reason, store.path, store.range, store.conflict, store.locked.
//
// Zeroing overwrites the file in place. What a drive or a copy-on-write file system keeps below that is outside this
// program's reach: put the folder on an encrypted volume.
#pragma once

#include <memory>
#include <string>

#include "audit/log/ports.h"

namespace audit::store {

constexpr std::size_t kSyncOneByOneMax = 4;  // above it, the whole file system is synchronised at once
constexpr std::size_t kFileSizeMax = 64 * 1024 * 1024;

class FolderObjects final : public log::Objects {
 public:
  // For reading and writing; makes the folder. Only who holds the FolderLock may write.
  static log::Result<std::unique_ptr<FolderObjects>> open(const std::string& folder);
  // For reading only; the folder must exist (store.io).
  static log::Result<std::unique_ptr<FolderObjects>> open_to_read(const std::string& folder);

  log::Status put_all(std::span<const log::Object> objects) override;
  log::Result<std::optional<log::Bytes>> get(std::string_view path) const override;
  log::Result<std::vector<std::string>> list(std::string_view prefix) const override;
  log::Status remove(std::span<const std::string> paths) override;
  log::Status zero(std::string_view path, std::size_t offset, std::size_t size) override;

 private:
  explicit FolderObjects(std::string root) : root_(std::move(root)) {}
  log::Status make_parents(const std::string& path);
  log::Status write_temporary(std::size_t number, policy::base::ByteView bytes, bool sync) const;
  log::Status sync_all() const;

  std::string root_;
};

class FolderLock final : public log::LockedCheckpoint {
 public:
  // Error: store.locked.
  static log::Result<std::unique_ptr<FolderLock>> open(const std::string& folder);
  ~FolderLock() override;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  log::Result<std::string> load() const override;
  log::Status replace(std::string_view expected, std::string_view next) override;

 private:
  FolderLock(std::unique_ptr<FolderObjects> objects, int descriptor)
      : objects_(std::move(objects)), descriptor_(descriptor) {}

  std::unique_ptr<FolderObjects> objects_;
  int descriptor_;
};

}  // namespace audit::store
