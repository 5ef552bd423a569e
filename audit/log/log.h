// The sequencer: appends records in one order, makes them durable in groups and publishes signed checkpoints.
//
//   append: seal ─► queue ─► tree ─► promise: journal, one sync ─► answer      tiles, side ─► settle ─► checkpoint
//           each on its     the sequencer's thread, a group at a time          a thread of its own, many groups at once
//           caller's thread
//
// A promise is never broken and never doubled: after any failure the sequencer forgets its state and recovers from the
// ports by the same code as at start, which publishes what was promised and drops what was not. A folder whose tiles do
// not lead to the promised root is refused; the log never forks.
//
// Publishing: kQuietMs after the last group, and every kPublishEveryMs under load; settle() and close() do it at once.
//
// Threads: every public function from any thread. Records are sealed on the thread that appends them; callbacks come on
// the sequencer's, must not block and must not call append(), erase() or settle(). Lifetime: the ports, the clock and
// the randomness outlive it; the destructor closes. Time: a record is stamped when it is queued, never before the one
// in front of it, even if the clock was set back. Bounds: kQueueMax records wait, kBatchMax go into one group, and what
// is promised and not settled takes about kUnsettledMax bytes: beyond that appending waits for publishing.
//
// Errors of append: log.overloaded, log.closed, event.value (a record that has no encoding), log.not-written (it is
// certain that nothing was logged), log.unsure (it is not: the action must not take effect, but the entry may exist),
// and those of recovery: log.origin, log.rolled-back, log.tree, log.side, log.lock-missing, log.journal.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/record.h"
#include "audit/log/allow_counter.h"
#include "audit/log/edge.h"
#include "audit/log/group.h"
#include "audit/log/ports.h"
#include "audit/log/publisher.h"
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
  static constexpr std::size_t kUnsettledMax = std::size_t{32} * 1024 * 1024;
  static constexpr std::int64_t kQuietMs = 10;
  static constexpr std::int64_t kPublishEveryMs = 500;

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
  // The same for many at once, in rising order.
  Status erase_all(std::vector<std::uint64_t> indices);
  // Writes an object that lies beside the log's own, in turn with its writes: the objects have one writer.
  Status put(Object object);

  // The newest promised checkpoint, a signed note. Its tiles may not be published yet: see settle().
  std::string checkpoint() const;

  // Logs what is counted, finishes what is queued, ends the thread. Later appends: log.closed.
  void close();

 private:
  struct Append {
    policy::base::Instant at{};
    SealedEntry entry;
    merkle::Hash leaf_hash{};
    Callback done;
  };
  struct Erase {
    std::vector<std::uint64_t> indices;  // rising
    EraseCallback done;
  };
  struct Settle {
    EraseCallback done;
  };
  struct Put {
    Object object;
    EraseCallback done;
  };
  using Work = std::variant<Append, Erase, Settle, Put>;

  Log(Ports ports, checkpoint::SigningKey key);

  // Fresh keys for entries, drawn from the generator many at once.
  class KeyPool {
   public:
    explicit KeyPool(policy::base::Random& random) : random_(random) {}
    ~KeyPool();
    event::EntryKey take();

   private:
    policy::base::Random& random_;
    std::array<std::uint8_t, 64 * event::kEntryKeySize> bytes_{};
    std::size_t left_ = 0;  // bytes
  };
  struct Admission {
    policy::base::Instant at{};
    event::EntryKey key{};
  };

  // On the callers' threads.
  Admission admit();
  void append_sealed(const event::Record& record, Callback done);
  enum class Queued : std::uint8_t { kYes, kLate };  // kLate: a record of a later second is in front, stamp it again
  Result<Queued> enqueue(Work work);
  void enqueue_counts(std::vector<event::Record> records);

  // All of these on the log's thread (or before it runs).
  void run();
  std::vector<Work> next_works();
  void process(std::vector<Work> works);
  Status recover();
  Result<std::string> create();
  Result<std::vector<Object>> publish_stage(const std::string& note);
  Status replay(Edge& edge, const Promise& promise) const;
  Status cut_side(std::uint64_t size, const std::vector<Object>& last);
  Result<policy::base::Instant> instant_of(std::uint64_t index, policy::base::ByteView leaf) const;
  Status read_last_instant(std::uint64_t size);
  Status check_published(const checkpoint::Checkpoint& settled) const;
  Status promise(const std::string& note, policy::base::ByteView carried);
  void append_group(std::vector<Append>& group);
  bool unpublished() const { return edge_ && edge_->size() != handed_over_; }
  void make_room();
  void publish_if_due();
  void publish_behind();
  Status erase_now(std::span<const std::uint64_t> indices);
  Status put_now(const Object& object);
  Status settle_now();

  Ports ports_;
  checkpoint::SigningKey key_;
  std::optional<Edge> edge_;       // none: recover first. Owned by the thread
  std::string promised_;           // the newest note. Owned by the thread
  std::uint64_t handed_over_ = 0;  // size of the tree that is published or being so. Owned by the thread
  std::size_t carried_bytes_ = 0;  // in the journal, not handed over yet. Owned by the thread
  std::size_t handed_over_bytes_ = 0;
  std::int64_t handed_over_at_ms_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Work> queue_;          // guarded by mutex_
  KeyPool keys_;                     // guarded by mutex_
  AllowCounter allows_;              // guarded by mutex_
  std::string newest_;               // guarded by mutex_
  policy::base::Instant last_at_{};  // of the last record that was queued; guarded by mutex_
  bool closing_ = false;             // guarded by mutex_
  Publisher publisher_;
  std::thread thread_;
};

}  // namespace audit::log
