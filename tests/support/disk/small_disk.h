// A disk that can be filled to the last block, for tests: a small file system in memory, mounted in a name space of the
// test's own, so that nothing of it outlives the process. Where nobody may mount, no file of the process can grow
// instead (RLIMIT_FSIZE): harder than a full disk, because what has its place already cannot be written either.
//
// Children that are started later see the mount. Call it while the process has one thread. The destructor unmounts.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

namespace tests::support {

class SmallDisk {
 public:
  // An empty one at `folder`, which is made.
  SmallDisk(const std::filesystem::path& folder, std::size_t size_bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Nothing more fits. Without a mount: no file of this process grows; that of a child, if given, neither.
  void fill(pid_t child = 0) const;
  void make_room(pid_t child = 0) const;
  bool is_mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace tests::support
