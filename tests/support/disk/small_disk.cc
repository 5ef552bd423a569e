#include "tests/support/disk/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace tests::support {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFiller = "filler";

void write_text(const char* path, const std::string& text) { std::ofstream(path) << text; }

// Mounts of this process are its own from here on. As root without a user name space of its own.
bool leave_name_space() {
  static const bool left = [] {
    const auto user = std::to_string(::getuid()), group = std::to_string(::getgid());
    if (::getuid() == 0) {
      if (::unshare(CLONE_NEWNS) != 0) return false;
    } else {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
      write_text("/proc/self/setgroups", "deny");
      write_text("/proc/self/uid_map", user + " " + user + " 1");
      write_text("/proc/self/gid_map", group + " " + group + " 1");
    }
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }();
  return left;
}

void limit_files(pid_t process, rlim_t size_bytes) {
  rlimit limit{};
  if (::prlimit(process, RLIMIT_FSIZE, nullptr, &limit) != 0) std::abort();
  limit.rlim_cur = size_bytes;
  if (::prlimit(process, RLIMIT_FSIZE, &limit, nullptr) != 0) std::abort();
}

}  // namespace

SmallDisk::SmallDisk(const fs::path& folder, std::size_t size_bytes) : folder_(folder) {
  fs::create_directories(folder);
  (void)std::signal(SIGXFSZ, SIG_IGN);  // children inherit it
  const std::string size = "size=" + std::to_string(size_bytes);
  mounted_ = leave_name_space() && ::mount("small-disk", folder.c_str(), "tmpfs", 0, size.c_str()) == 0;
  if (!mounted_) std::fprintf(stderr, "nobody may mount here: the sizes of files are limited instead\n");
}

SmallDisk::~SmallDisk() {
  make_room();
  if (mounted_) (void)::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::fill(pid_t child) const {
  if (!mounted_) return limit_files(child, 0);
  const int file = ::open((folder_ / kFiller).c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  static const std::array<char, 4096> block{};
  while (::write(file, block.data(), block.size()) > 0) {
  }
  const int reason = errno;
  (void)::close(file);
  if (file < 0 || reason != ENOSPC) std::abort();
}

void SmallDisk::make_room(pid_t child) const {
  if (!mounted_) return limit_files(child, RLIM_INFINITY);
  std::error_code error;
  fs::remove(folder_ / kFiller, error);
}

}  // namespace tests::support
