#include "audit/store/broken_disk.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <set>

namespace audit::store::broken_disk {
namespace {

std::mutex mutex;  // of plan
Plan plan;
std::atomic<bool> armed{false};
std::atomic<std::size_t> calls{0};

std::set<std::string> dirty;  // guarded by mutex

std::string path_of(const char* path) { return path; }
std::string path_of(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size() - 1);
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

template <typename Where>
std::optional<Fault> next_fault(Where where) {
  if (!armed) return {};
  const std::scoped_lock lock(mutex);
  if (!path_of(where).starts_with(plan.folder)) return {};
  const std::size_t number = calls++;
  if (number == plan.failing_call) return plan.fault;
  if (number > plan.failing_call && plan.stays_broken) return Fault::kNotPersisted;
  return {};
}

void note_written(const std::string& path) {
  if (!armed) return;
  const std::scoped_lock lock(mutex);
  if (path.starts_with(plan.folder) && !path.ends_with("-shm")) dirty.insert(path);  // SQLite makes -shm anew
}

void note_synced(const std::string& path) {
  if (!armed) return;
  const std::scoped_lock lock(mutex);
  dirty.erase(path);
}

void note_all_synced() {
  const std::scoped_lock lock(mutex);
  dirty.clear();
}

void note_renamed(const std::string& from, const std::string& to) {
  if (!armed) return;
  note_written(to.substr(0, to.rfind('/')));
  const std::scoped_lock lock(mutex);
  if (dirty.erase(from) > 0) dirty.insert(to);
}

template <typename Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, name));
}

template <typename Where, typename Act>
auto act(Where where, Act do_it) -> decltype(do_it()) {
  const auto fault = next_fault(where);
  if (!fault) return do_it();
  if (*fault != Fault::kNotPersisted) (void)do_it();
  errno = plan.reason;
  return -1;
}

template <typename Write>
ssize_t write_some(int descriptor, std::size_t size, Write write) {
  const auto fault = next_fault(descriptor);
  if (armed) note_written(path_of(descriptor));
  if (!fault) return write(size);
  if (*fault == Fault::kPersisted) (void)write(size);
  if (*fault == Fault::kHalfPersisted) (void)write(size / 2);
  errno = plan.reason;
  return -1;
}

// With the disk armed, nothing waits for the real one.
int sync_with(const char* name, int descriptor) {
  return act(descriptor, [&] {
    if (!armed) return real<int(int)>(name)(descriptor);
    note_synced(path_of(descriptor));
    return 0;
  });
}

}  // namespace

void arm(const Plan& wanted) {
  const std::scoped_lock lock(mutex);
  plan = wanted;
  calls = 0;
  dirty.clear();
  armed = true;
}

std::vector<std::string> unsynced() {
  const std::scoped_lock lock(mutex);
  std::vector<std::string> paths;
  for (const std::string& path : dirty) paths.push_back(path.substr(std::min(path.size(), plan.folder.size() + 1)));
  return paths;
}

bool heal() {
  armed = false;
  return calls > plan.failing_call;
}

}  // namespace audit::store::broken_disk

namespace disk = audit::store::broken_disk;

extern "C" {
ssize_t write(int descriptor, const void* bytes, size_t size) {
  return disk::write_some(descriptor, size, [&](size_t some) {
    return disk::real<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, some);
  });
}
ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return disk::write_some(descriptor, size, [&](size_t some) {
    return disk::real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(descriptor, bytes, some, offset);
  });
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  return disk::write_some(descriptor, size, [&](size_t some) {
    return disk::real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(descriptor, bytes, some, offset);
  });
}
int ftruncate(int descriptor, off_t size) noexcept {
  return disk::act(descriptor, [&] { return disk::real<int(int, off_t)>("ftruncate")(descriptor, size); });
}
int ftruncate64(int descriptor, off64_t size) noexcept {
  return disk::act(descriptor, [&] { return disk::real<int(int, off64_t)>("ftruncate64")(descriptor, size); });
}
int fsync(int descriptor) { return disk::sync_with("fsync", descriptor); }
int fdatasync(int descriptor) { return disk::sync_with("fdatasync", descriptor); }
int syncfs(int descriptor) noexcept {
  const int done = disk::sync_with("syncfs", descriptor);
  if (done == 0) disk::note_all_synced();
  return done;
}
int rename(const char* from, const char* to) noexcept {
  return disk::act(to, [&] {
    disk::note_renamed(from, to);
    return disk::real<int(const char*, const char*)>("rename")(from, to);
  });
}
int unlink(const char* path) noexcept {
  return disk::act(path, [&] {
    disk::note_synced(path);
    return disk::real<int(const char*)>("unlink")(path);
  });
}
}
