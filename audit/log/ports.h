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

// [offset, offset + size) of the object under `path`.
struct Stretch {
  std::string path;
  std::size_t offset = 0;
  std::size_t size = 0;
};

// Bytes under paths.
//
// Durability: when put_all or zero returns without an error, the bytes survive a loss of power.
// Atomicity: each object is replaced as a whole; a reader sees the old or the new bytes. Several objects of one call
// may become visible in any order, and after an error any part of them may have been persisted. Retry: every call may
// be repeated. Absent is not an error: get gives none, remove does nothing. Threads: any, but a path has one writer at
// a time; readers also from any process.
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
  // As zero(), for many stretches, made durable together; those of one object stand one after the other. After an error
  // any part of them may be zero.
  virtual Status zero_all(std::span<const Stretch> stretches) {
    for (const Stretch& stretch : stretches)
      if (auto zeroed = zero(stretch.path, stretch.offset, stretch.size); !zeroed) return zeroed;
    return {};
  }
};

// A signed checkpoint with what it takes to publish it; the backend does not look into either, except for the size in
// the second line of the note.
struct Promise {
  std::string note;
  Bytes carried;
  bool operator==(const Promise&) const = default;
};

struct Unsettled {
  std::string settled;            // the newest checkpoint of which nothing is carried any more; empty: never set
  std::vector<Promise> promises;  // what was promised after it, oldest first
  bool operator==(const Unsettled&) const = default;
};

// The newest signed checkpoint, the truth about what the log has promised, and the journal: what the last promises
// carry until they are settled, that is published elsewhere. Compare and swap, linearizable, durable.
//
// Threads: settle() on one thread while another is in promise() or load(); otherwise one call at a time. A backend
// refuses a second sequencer on the same log (store.locked). After an error of replace() or promise() the caller has to
// load() to know: an answer of load() is certain, and what it does not contain never comes back.
class LockedCheckpoint {
 public:
  virtual ~LockedCheckpoint() = default;
  // The newest promise. Empty: never set.
  virtual Result<std::string> load() = 0;
  virtual Result<Unsettled> unsettled() = 0;
  // For a promise that carries nothing. Error store.conflict: something else than `expected` is stored, or something is
  // not settled; nothing has changed.
  virtual Status replace(std::string_view expected, std::string_view next) = 0;
  // One durable step, as cheap as the backend can make it. The tree of `next` is larger than that of `expected`. Error
  // store.conflict: something else than `expected` is stored; nothing has changed.
  virtual Status promise(std::string_view expected, std::string_view next, policy::base::ByteView carried) = 0;
  // Forgets what the promises up to `note` carry, and overwrites it: no copy of it stays in any file. The caller has
  // published all of it durably. Error store.conflict: `note` is neither settled nor promised; nothing has changed. May
  // be repeated after any error.
  virtual Status settle(std::string_view note) = 0;
};

}  // namespace audit::log
