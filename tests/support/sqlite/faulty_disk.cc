#include "tests/support/sqlite/faulty_disk.h"

#include <sqlite3.h>

#include <optional>

namespace tests::support {

struct FaultyDisk::Plan {
  sqlite3_vfs vfs{};
  sqlite3_vfs* below = nullptr;  // SQLite's own
  bool armed = false;
  std::size_t calls = 0, failing_call = 0;
  DiskFault fault = DiskFault::kNotPersisted;
  bool stays_broken = false;

  std::optional<DiskFault> next() {
    if (!armed) return std::nullopt;
    const std::size_t number = calls++;
    if (number == failing_call) return fault;
    if (number > failing_call && stays_broken) return DiskFault::kNotPersisted;
    return std::nullopt;
  }
};

namespace {

using Plan = FaultyDisk::Plan;

// What SQLite takes for its file; that of the VFS below lies behind it.
struct File {
  sqlite3_file base;
  Plan* plan;
};

Plan& plan_of(sqlite3_vfs* vfs) { return *static_cast<Plan*>(vfs->pAppData); }
Plan& plan_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->plan; }
sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}
const sqlite3_io_methods& methods_below(sqlite3_file* file) { return *below(file)->pMethods; }

template <typename Call>
int act(Plan& plan, int error, Call call) {
  const auto fault = plan.next();
  if (!fault) return call();
  if (*fault == DiskFault::kPersisted) (void)call();
  return error;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return act(plan_of(file), SQLITE_IOERR_WRITE,
             [&] { return methods_below(file).xWrite(below(file), bytes, size, offset); });
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return act(plan_of(file), SQLITE_IOERR_TRUNCATE, [&] { return methods_below(file).xTruncate(below(file), size); });
}
int sync(sqlite3_file* file, int) {
  return act(plan_of(file), SQLITE_IOERR_FSYNC, [] { return SQLITE_OK; });
}
int remove(sqlite3_vfs* vfs, const char* path, int) {
  Plan& plan = plan_of(vfs);
  return act(plan, SQLITE_IOERR_DELETE, [&] { return plan.below->xDelete(plan.below, path, 0); });
}

// The rest is passed on.
int close(sqlite3_file* file) { return methods_below(file).xClose(below(file)); }
int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return methods_below(file).xRead(below(file), bytes, size, offset);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) { return methods_below(file).xFileSize(below(file), size); }
int lock(sqlite3_file* file, int level) { return methods_below(file).xLock(below(file), level); }
int unlock(sqlite3_file* file, int level) { return methods_below(file).xUnlock(below(file), level); }
int check_lock(sqlite3_file* file, int* held) { return methods_below(file).xCheckReservedLock(below(file), held); }
int control(sqlite3_file* file, int what, void* with) {
  return methods_below(file).xFileControl(below(file), what, with);
}
int sector_size(sqlite3_file* file) { return methods_below(file).xSectorSize(below(file)); }
int characteristics(sqlite3_file* file) { return methods_below(file).xDeviceCharacteristics(below(file)); }
int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return methods_below(file).xShmMap(below(file), region, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return methods_below(file).xShmLock(below(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { methods_below(file).xShmBarrier(below(file)); }
int shm_unmap(sqlite3_file* file, int gone) { return methods_below(file).xShmUnmap(below(file), gone); }

// Version 2: without memory-mapped reading, which no store of ours uses.
constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* given) {
  Plan& plan = plan_of(vfs);
  const int code = plan.below->xOpen(plan.below, path, below(file), flags, given);
  file->pMethods = below(file)->pMethods == nullptr ? nullptr : &kMethods;
  reinterpret_cast<File*>(file)->plan = &plan;
  return code;
}

}  // namespace

FaultyDisk::FaultyDisk() : plan_(std::make_unique<Plan>()) {
  plan_->below = sqlite3_vfs_find(nullptr);
  plan_->vfs = *plan_->below;  // what is not replaced needs nothing of its own
  plan_->vfs.pNext = nullptr;
  plan_->vfs.szOsFile = static_cast<int>(sizeof(File)) + plan_->below->szOsFile;
  plan_->vfs.zName = "faulty-disk";
  plan_->vfs.pAppData = plan_.get();
  plan_->vfs.xOpen = open;
  plan_->vfs.xDelete = remove;
  (void)sqlite3_vfs_register(&plan_->vfs, 1);
}

FaultyDisk::~FaultyDisk() { (void)sqlite3_vfs_unregister(&plan_->vfs); }

void FaultyDisk::arm(std::size_t failing_call, DiskFault fault, bool stays_broken) {
  plan_->armed = true;
  plan_->calls = 0;
  plan_->failing_call = failing_call;
  plan_->fault = fault;
  plan_->stays_broken = stays_broken;
}

bool FaultyDisk::heal() {
  plan_->armed = false;
  return plan_->calls > plan_->failing_call;
}

}  // namespace tests::support
