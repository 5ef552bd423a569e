// The two ports of the sequencer. Every backend passes the same contract suite (audit/store/contract_test.cc).
//
// Error codes are store.* and say which path; a caller may not guess from an error whether a write has happened.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/bytes.h"

namespace audit::log {

using policy::base::Bytes;
using policy::base::Result;
using policy::base::Status;

struct Object {
  std::string path;  // "tile/0/x001/234.p/7": parts of [a-z0-9.-], no "." and no ".."
  Bytes bytes;
  bool operator==(const Object&) const = default;
};

// Bytes under paths.
//
// Durability: when put_all or zero returns without an error, the bytes survive a loss of power.
// Atomicity: each object is replaced as a whole; a reader sees the old or the new bytes. Several objects of one call
// may become visible in any order, and after an error any part of them may have been persisted. Retry: every call may
// be repeated. Absent is not an error: get gives none, remove does nothing. Threads: one writer; readers from any
// thread and any process.
class Objects {
 public:
  virtual ~Objects() = default;
  virtual Status put_all(std::span<const Object> objects) = 0;
  virtual Result<std::optional<Bytes>> get(std::string_view path) const = 0;
  // Every path that begins with `prefix`, in order. Files of unfinished writes are listed under "tmp/".
  virtual Result<std::vector<std::string>> list(std::string_view prefix) const = 0;
  // May be undone by a loss of power.
  virtual Status remove(std::span<const std::string> paths) = 0;
  // Overwrites [offset, offset + size) in place with zeros; no copy of the old bytes stays in any file. Error also if
  // the object is absent or shorter.
  virtual Status zero(std::string_view path, std::size_t offset, std::size_t size) = 0;
};

// The newest signed checkpoint, the truth about what the log has promised. Compare and swap, linearizable, durable.
// Threads: one at a time. A backend refuses a second sequencer on the same log (store.locked).
class LockedCheckpoint {
 public:
  virtual ~LockedCheckpoint() = default;
  // Empty: never set.
  virtual Result<std::string> load() const = 0;
  // Error store.conflict: something else than `expected` is stored and nothing has changed. After any other error the
  // caller has to load() to know.
  virtual Status replace(std::string_view expected, std::string_view next) = 0;
};

}  // namespace audit::log
