// A disk that fails where a test wants it, under every SQLite database that is opened while this lives: the calls that
// write, cut, synchronise and delete files are counted, and a chosen one fails before or after it was done.
//
//     NotPersisted   nothing of it reaches the disk, and SQLite hears an error
//     Persisted      all of it reaches the disk, and SQLite hears an error all the same
//
// With `stays_broken` all later calls do nothing and fail, too: what is on the disk then is what a process leaves that
// was killed at that call. Nothing is synchronised really, so that a test of a thousand failures need not wait.
//
// One at a time, one thread. Databases opened under it are closed before it goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tests::support {

enum class DiskFault : std::uint8_t { kNotPersisted, kPersisted };

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;

  // Counts from 0 anew.
  void arm(std::size_t failing_call, DiskFault fault, bool stays_broken);
  // From now on all calls work. Whether the failing one was reached.
  bool heal();

  struct Plan;

 private:
  std::unique_ptr<Plan> plan_;
};

}  // namespace tests::support
