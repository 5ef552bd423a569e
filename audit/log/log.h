// The sequencer: appends records in one order, makes them durable in groups and publishes a signed checkpoint a group.
//
//   append ─► queue ─► [side objects + stage] fsync ─► compare-and-swap checkpoint ─► answer ─► tiles ─► checkpoint
//                       what the batch holds           the promise: from here on it counts      published
//
// A promise is never broken and never doubled: after any failure the sequencer forgets its state and recovers from the
// ports by the same code as at start, which publishes what was promised and drops what was not. A folder whose tiles do
// not lead to the promised root is refused; the log never forks.
//
// Threads: every public function from any thread. One thread of its own does all the work and calls the callbacks,
// which must not block and must not call append() or erase(). Lifetime: the ports, the clock and the randomness outlive
// it; the destructor closes. Time: a record is stamped when its batch is built, never before the one in front of it,
// even if the clock was set back. Bounds: kQueueMax records wait, kBatchMax go into one group.
//
// Errors of append: log.overloaded, log.closed, event.value (a record that has no encoding), log.not-written (it is
// certain that nothing was logged), log.unsure (it is not: the action must not take effect, but the entry may exist),
// and those of recovery: log.origin, log.rolled-back, log.tree, log.side, log.lock-missing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/record.h"
#include "audit/log/allow_counter.h"
#include "audit/log/edge.h"
#include "audit/log/ports.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"

namespace audit::log {

struct Index {
  std::uint64_t value = 0;
  auto operator<=>(const Index&) const = default;
};

struct Ports {
  Objects& objects;
  LockedCheckpoint& lock;
  const policy::base::Clock& clock;
  policy::base::Random& random;
};

class Log {
 public:
  static constexpr std::size_t kQueueMax = 65536;
  static constexpr std::size_t kBatchMax = 8192;

  using Callback = std::function<void(Result<Index>)>;
  using EraseCallback = std::function<void(Status)>;

  // The name of `key` is the origin. An empty folder becomes a new log.
  static Result<std::unique_ptr<Log>> open(Ports ports, checkpoint::SigningKey key);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Durable when it returns an index.
  Result<Index> append(event::Record record);
  // The callback runs when the record is durable, or at once on this thread if it cannot be queued.
  void append_async(event::Record record, Callback done);

  // Counts one allowed delivery; complete quarters of an hour become records by themselves at the next call of any of
  // these three. advance() is for a caller with a timer, so that a quiet hour is told, too.
  void count_allow(event::MessageClass message_class);
  void advance();

  // Publishes everything that was appended before, and overwrites the journal, so that side/ is the only place with
  // keys and ciphertexts of these entries. Durable when it returns. An entry appended meanwhile may be in the journal.
  Status settle();

  // Destroys key and record of one entry; every proof stays. Durable when it returns. Settles first. Error also:
  // log.index.
  Status erase(Index index);

  // The newest published or promised checkpoint, a signed note.
  std::string checkpoint() const;

  // Logs what is counted, finishes what is queued, ends the thread. Later appends: log.closed.
  void close();

 private:
  struct Append {
    event::Record record;
    Callback done;
  };
  struct Erase {
    std::uint64_t index;
    EraseCallback done;
  };
  struct Settle {
    EraseCallback done;
  };
  using Work = std::variant<Append, Erase, Settle>;

  Log(Ports ports, checkpoint::SigningKey key);
  Status enqueue(Work work);
  void enqueue_counts(std::vector<event::Record> records);
  void run();
  void process(std::vector<Work> works);

  // All of these on the log's thread (or before it runs).
  Status recover();
  Status publish(const std::string& note, const std::vector<Object>& tiles);
  Status cut_side(std::uint64_t size);
  Status read_last_hour(std::uint64_t size);
  Status check_published(const checkpoint::Checkpoint& promised) const;
  Status promise(Edge& next, std::string& note, std::vector<Object>& tiles);
  void append_group(std::vector<Append>& group);
  Status erase_now(std::uint64_t index);
  Status settle_now();
  event::Event stamped(event::Record record);

  Ports ports_;
  checkpoint::SigningKey key_;
  std::optional<Edge> edge_;  // none: recover first. Owned by the thread
  std::string promised_;      // the locked note. Owned by the thread
  policy::base::Instant last_at_{};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;  // guarded by mutex_
  AllowCounter allows_;     // guarded by mutex_
  std::string newest_;      // guarded by mutex_
  bool closing_ = false;    // guarded by mutex_
  std::thread thread_;
};

}  // namespace audit::log
