#include "clients/store/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace clients::store {
namespace base = policy::base;

namespace {

std::unexpected<base::Error> refused(const std::filesystem::path& path, const char* what) {
  const int reason = errno;
  return base::fail("store.unavailable", std::string(what) + ": " + std::strerror(reason),
                    "a folder of your own with free space", "check owner, mode and free space",
                    base::printable(path.string(), 400));
}

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  bool write_all(base::ByteView bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return ::fsync(fd_) == 0;
  }

 private:
  int fd_;
};

void sync_folder_of(const std::filesystem::path& path) {
  const File folder(path.parent_path(), O_RDONLY | O_DIRECTORY);
  if (folder.ok()) ::fsync(folder.fd());
}

}  // namespace

base::Status make_private_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return refused(folder, "cannot make the folder");
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0) return refused(folder, "cannot look at the folder");
  if (!S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return refused(folder, "cannot use this as a folder");
  }
  if ((info.st_mode & 077) != 0 && ::chmod(folder.c_str(), 0700) != 0)
    return refused(folder, "cannot make the folder private");
  return {};
}

base::Status replace_file(const std::filesystem::path& path, base::ByteView bytes) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok() || !file.write_all(bytes)) return refused(fresh, "cannot write");
  }
  File old(path, O_WRONLY);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return refused(path, "cannot replace");
  sync_folder_of(path);
  struct stat info{};
  if (old.ok() && ::fstat(old.fd(), &info) == 0) {
    const base::Bytes zeros(static_cast<std::size_t>(info.st_size), 0);
    if (!old.write_all(zeros)) return refused(path, "cannot overwrite the old file");
  }
  return {};
}

base::Result<std::optional<base::Bytes>> read_file(const std::filesystem::path& path, std::size_t size_max) {
  const File file(path, O_RDONLY);
  if (!file.ok() && errno == ENOENT) return std::nullopt;
  if (!file.ok()) return refused(path, "cannot open");
  base::Bytes bytes(size_max + 1);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::read(file.fd(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(path, "cannot read");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > size_max) {
    errno = EFBIG;
    return refused(path, "cannot read");
  }
  bytes.resize(filled);
  return bytes;
}

base::Status overwrite_and_remove(const std::filesystem::path& path, base::ByteView bytes) {
  {
    File file(path, O_WRONLY);
    if (!file.ok()) return errno == ENOENT ? base::Status{} : refused(path, "cannot open");
    if (!file.write_all(bytes)) return refused(path, "cannot overwrite");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return refused(path, "cannot remove");
  sync_folder_of(path);
  return {};
}

base::Result<std::optional<StreamLock>> StreamLock::try_hold(const std::filesystem::path& folder) {
  const auto path = folder / kStreamLockFile;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return refused(path, "cannot open");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    ::close(fd);
    if (taken) return std::nullopt;
    return refused(path, "cannot lock");
  }
  const std::string pid = std::to_string(::getpid());
  // Only `lock` reads the number; the lock itself is the kernel's.
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    ::close(fd);
    return refused(path, "cannot write");
  }
  return StreamLock(fd);
}

std::optional<int> StreamLock::holder(const std::filesystem::path& folder) {
  const int fd = ::open((folder / kStreamLockFile).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return std::nullopt;
  std::optional<int> pid;
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    char text[16] = {};
    const auto size = ::pread(fd, text, sizeof text - 1, 0);
    int value = 0;
    if (size > 0 && std::from_chars(text, text + size, value).ec == std::errc{} && value > 1) pid = value;
  }
  ::close(fd);
  return pid;
}

StreamLock::~StreamLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace clients::store
