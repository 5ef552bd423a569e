// The ports on a POSIX file system: one file an object.
//
// A file is written under tmp/, synchronised, renamed into place, and the folder synchronised. Promises go to a journal
// first; the settled checkpoint is sequencer/checkpoint. Who opens the lock holds an advisory lock on sequencer/lock
// for as long as it lives, so that a second sequencer is refused (store.locked); it also removes unfinished writes.
// Readers need neither lock nor write permission.
//
// Folders are made 0700, files 0600. Paths are checked: nothing outside the folder is ever touched (store.path).
// Errors: store.io with path and the system's reason, store.path, store.range, store.conflict, store.locked.
//
// Zeroing overwrites the file in place. What a drive or a copy-on-write file system keeps below that is outside this
// program's reach: put the folder on an encrypted volume.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/log/ports.h"
#include "audit/store/journal.h"

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
  log::Status zero_all(std::span<const log::Stretch> stretches) override;

 private:
  explicit FolderObjects(std::string root) : root_(std::move(root)) {}
  log::Status make_parents(const std::string& path);
  static log::Status write_temporary(const std::string& temporary, policy::base::ByteView bytes, bool sync);
  log::Status sync_all() const;
  log::Status zero_object(std::span<const log::Stretch> stretches, bool sync) const;

  std::string root_;
  std::mutex mutex_;
  std::set<std::string> made_;  // folders that exist, one for a thousand tiles; guarded by mutex_
};

// Promises go to the journal (audit/store/journal.h) with one fdatasync each; settling writes sequencer/checkpoint and
// overwrites their places there. Error also: store.journal (records that do not follow the settled checkpoint).
class FolderLock final : public log::LockedCheckpoint {
 public:
  // Error: store.locked.
  static log::Result<std::unique_ptr<FolderLock>> open(const std::string& folder);
  ~FolderLock() override;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  log::Result<std::string> load() override;
  log::Result<log::Unsettled> unsettled() override;
  log::Status replace(std::string_view expected, std::string_view next) override;
  log::Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) override;
  log::Status settle(std::string_view note) override;

 private:
  struct Kept {
    std::string note;
    Place place;
  };

  FolderLock(std::unique_ptr<FolderObjects> objects, std::unique_ptr<JournalFiles> journal, int descriptor)
      : objects_(std::move(objects)), journal_(std::move(journal)), descriptor_(descriptor) {}
  log::Result<log::Unsettled> scan();
  log::Status withdraw();
  log::Result<std::vector<Place>> settled_by(std::string_view note);
  log::Status write_settled(std::string_view note);
  void forget_until(std::string_view note);
  const std::string& newest() const { return kept_.empty() ? settled_ : kept_.back().note; }
  bool holds_nothing(std::size_t file) const;

  std::unique_ptr<FolderObjects> objects_;
  std::unique_ptr<JournalFiles> journal_;
  int descriptor_;

  std::mutex mutex_;      // all of these
  bool scanned_ = false;  // false: the rest is not known yet
  std::string settled_;
  std::vector<Kept> kept_;        // promised, not settled
  std::vector<Place> rubbish_;    // found by the scan: half written or half overwritten
  std::optional<Place> writing_;  // of a promise that has not answered, or whose write has failed
  bool doubtful_ = false;         // the latter: what is there must not count
};

}  // namespace audit::store
