#include "audit/store/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace audit::store {

using policy::base::ByteView;

std::unexpected<policy::base::Error> io_error(const std::string& path, int number) {
  return policy::base::fail("store.io", std::strerror(number), "a file system that takes it",
                            number == ENOSPC ? "free space on the volume" : "check the volume and the permissions",
                            path);
}

File::File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool File::write_all(ByteView bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool File::write_all_at(ByteView bytes, std::size_t offset) const {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    offset += static_cast<std::size_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool File::zero_at(std::size_t offset, std::size_t size) const {
  static constexpr std::array<std::uint8_t, std::size_t{64} * 1024> kZeros{};
  while (size > 0) {
    const std::size_t step = std::min(size, kZeros.size());
    if (!write_all_at(ByteView(kZeros).first(step), offset)) return false;
    offset += step;
    size -= step;
  }
  return true;
}

bool File::sync() const { return ::fsync(descriptor_) == 0; }
bool File::sync_data() const { return ::fdatasync(descriptor_) == 0; }

log::Status sync_folder(const std::string& path) {
  const File folder(path, O_RDONLY | O_DIRECTORY);
  if (!folder.good() || !folder.sync()) return io_error(path);
  return {};
}

}  // namespace audit::store
