#include "policy/tool/command/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "policy/tool/command/command.h"

namespace policy::tool {
namespace {

std::unexpected<Failure> failed(const std::string& path) {
  return std::unexpected(Failure{{{"file.write",
                                   "a file that cannot be written",
                                   "a folder in which one may write, and free space",
                                   {},
                                   base::printable(path, 300)}},
                                 kCannotCreate});
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(fd, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

Input<void> write_new(const std::string& path, std::string_view bytes, bool secret) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  if (fd < 0 && errno == EEXIST) {
    return std::unexpected(Failure{{{"output.exists", "a file that is there already", "a new file",
                                     "choose another name, or move the old one away", base::printable(path, 300)}},
                                   kCannotCreate});
  }
  if (fd < 0) return failed(path);
  const bool written = write_all(fd, bytes);
  if (::close(fd) == 0 && written) return {};
  ::unlink(path.c_str());
  return failed(path);
}

Input<void> write_over(const std::string& path, std::string_view bytes) {
  const std::string partial = path + ".new";
  ::unlink(partial.c_str());
  if (auto written = write_new(partial, bytes, false); !written) return failed(path);
  if (::rename(partial.c_str(), path.c_str()) == 0) return {};
  ::unlink(partial.c_str());
  return failed(path);
}

}  // namespace policy::tool
