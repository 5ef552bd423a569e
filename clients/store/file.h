// Small files written so that a crash leaves the old one or the new one, never a half.
//
// Mode 0600. Errors: store.unavailable with path and reason.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace clients::store {

// Makes the folder and its parents, mode 0700.
policy::base::Status make_private_folder(const std::filesystem::path& folder);

// The bytes of the file that was there are overwritten after the exchange: an old key file must not live on in free
// blocks.
policy::base::Status replace_file(const std::filesystem::path& path, policy::base::ByteView bytes);
// At most `size_max` bytes; nothing when there is no such file.
policy::base::Result<std::optional<policy::base::Bytes>> read_file(const std::filesystem::path& path,
                                                                   std::size_t size_max);
// Writes `bytes` over what is there and to the disk, then removes the file.
policy::base::Status overwrite_and_remove(const std::filesystem::path& path, policy::base::ByteView bytes);

// Held by the one process that talks to the server for this store; others hand their work over through the store.
// Freed by the kernel when the process dies.
class StreamLock {
 public:
  // Nothing: another process holds it.
  static policy::base::Result<std::optional<StreamLock>> try_hold(const std::filesystem::path& folder);
  // Process id of the holder; nothing when nobody holds it.
  static std::optional<int> holder(const std::filesystem::path& folder);
  ~StreamLock();
  StreamLock(StreamLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  StreamLock& operator=(StreamLock&&) = delete;

 private:
  explicit StreamLock(int fd) : fd_(fd) {}
  int fd_;
};

constexpr const char* kStreamLockFile = "stream.lock";

}  // namespace clients::store
