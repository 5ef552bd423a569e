// Publishes what is promised behind the sequencer's back: tiles and side objects first, then the lock is told that the
// promise is settled, then the checkpoint, and last the partial tiles go that a full one has replaced. After any
// failure all of it may be done again.
//
// Threads: start(), wait() and busy() on the sequencer's thread; the work on a thread of its own, which calls `done`
// after each job. Lifetime: the ports outlive it; the destructor finishes the job.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "audit/log/edge.h"

namespace audit::log {

struct Publication {
  std::string note;  // settled or promised
  Edge::Growth growth;
};

// On the caller's thread. Overwrites the side objects in `publication`, which hold keys.
Status publish(Objects& objects, LockedCheckpoint& lock, Publication& publication);

class Publisher {
 public:
  Publisher(Objects& objects, LockedCheckpoint& lock, std::function<void()> done);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Only while it is not busy, and after a failure only when wait() has told it.
  void start(Publication publication);
  bool busy() const;
  bool failed() const;
  // Until it is not busy; the outcome of the last job, told once.
  Status wait();

 private:
  void run();

  Objects& objects_;
  LockedCheckpoint& lock_;
  std::function<void()> done_;
  mutable std::mutex mutex_;  // all of these
  std::condition_variable changed_;
  std::optional<Publication> job_;
  Status outcome_;
  bool busy_ = false, closing_ = false;
  std::thread thread_;
};

}  // namespace audit::log
