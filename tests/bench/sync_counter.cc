// Counts the fsync and fdatasync calls of a program that runs with this library in LD_PRELOAD, so that a bench can say
// how many messages share one. The count lies, as eight bytes, in the file FEIERABEND_SYNC_COUNT.PID.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

std::atomic<std::uint64_t>& counter() {
  static std::atomic<std::uint64_t> unmapped{0};
  static std::atomic<std::uint64_t>* const mapped = [] {
    const char* const path = std::getenv("FEIERABEND_SYNC_COUNT");
    if (path == nullptr) return &unmapped;
    const std::string file = std::string(path) + "." + std::to_string(::getpid());
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::ftruncate(fd, sizeof unmapped) != 0) return &unmapped;
    void* const page = ::mmap(nullptr, sizeof unmapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return page == MAP_FAILED ? &unmapped : static_cast<std::atomic<std::uint64_t>*>(page);
  }();
  return *mapped;
}

using Sync = int (*)(int);
int counted(const char* name, int fd) {
  ++counter();
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(fd);
}

}  // namespace

extern "C" {
int fsync(int fd) { return counted("fsync", fd); }
int fdatasync(int fd) { return counted("fdatasync", fd); }
int syncfs(int fd) noexcept { return counted("syncfs", fd); }
}
