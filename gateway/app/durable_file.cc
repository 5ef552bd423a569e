#include "gateway/app/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace gateway::app {
namespace {

using policy::base::fail;
using policy::base::Result;
using policy::base::Status;

std::unexpected<policy::base::Error> failed(std::string code, const std::string& path, int error) {
  return fail(std::move(code), "file '" + policy::base::printable(path) + "': " + std::strerror(error), "",
              "check path, rights and free space");
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

bool sync_folder(const std::string& path) {
  const int fd = ::open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return synced;
}

}  // namespace

Status write_durably(const std::string& path, std::string_view bytes, Readers readers) {
  const std::string partial = path + ".new";
  const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed("file.write", partial, errno);
  // Not by the mode of open: the umask of a service takes the group's right away.
  const bool readable = readers == Readers::kOwner || ::fchmod(fd, S_IRUSR | S_IWUSR | S_IRGRP) == 0;
  const bool written = readable && write_all(fd, bytes);
  ::close(fd);
  if (!written || ::rename(partial.c_str(), path.c_str()) != 0 || !sync_folder(path))
    return failed("file.write", path, errno);
  return {};
}

Result<std::optional<std::string>> read_whole(const std::string& path, std::size_t size_max) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::string bytes(size_max + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || !in.eof()) return failed("file.read", path, in.bad() ? EIO : EFBIG);
  return bytes;
}

Result<std::optional<std::string>> read_key_text(const std::string& path) {
  constexpr std::size_t kSizeMax = 1024;
  auto text = read_whole(path, kSizeMax);
  if (text && *text && (*text)->ends_with('\n')) (*text)->pop_back();
  return text;
}

Status destroy(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return {};
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return failed("file.write", path, errno);
  const bool zeroed = write_all(fd, std::string(size, '\0'));
  ::close(fd);
  if (!zeroed || ::unlink(path.c_str()) != 0 || !sync_folder(path)) return failed("file.write", path, errno);
  return {};
}

}  // namespace gateway::app
