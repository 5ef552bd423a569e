// Keeps the gateway's idea of who there is in step with the directory: gone there, gone here.
//
// A thread of its own waits at the directory's change feed and, when it rings, takes a whole snapshot. Where the server
// has no feed it takes one every `poll_ms`. With a feed it still asks every `poll_ms` whether the directory is there at
// all, and takes a snapshot every `full_ms`, should a ring ever have been lost. So a deletion is known after
//   with a feed     about 0.2 s, plus the time of a snapshot, at most `gap_ms` more when changes come in a row
//   without         poll_ms plus the time of a snapshot
//
// A directory that cannot be reached or gives a doubtful answer (shrink_guard.h) changes nothing: the listener hears
// on_fault() and the people stay.
//
// Threads: start() and stop() from one thread; the listener is called from the watcher's own, never after stop() has
// returned, and must not call start() or stop(). stop() waits for an exchange under way (the directory's time-outs).
// Lifetime: directory, clock and listener outlive the watcher.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/directory/port/directory.h"
#include "gateway/directory/watch/shrink_guard.h"
#include "policy/base/clock.h"

namespace gateway::directory {

class PeopleListener {
 public:
  virtual ~PeopleListener() = default;
  // Every snapshot that is believed, also one without changes; the first compares with nobody.
  virtual void on_people(std::shared_ptr<const Snapshot> people, const Changes& changes) = 0;
  // directory.unavailable, directory.misconfigured, directory.shrunk; again at every attempt while it lasts.
  virtual void on_fault(const base::Error& error) = 0;
};

struct WatchSettings {
  int poll_ms = 15'000;
  int full_ms = 300'000;
  int gap_ms = 1'000;  // between two snapshots, however often the feed rings
  ShrinkRules shrink;
};

class PeopleWatcher {
 public:
  PeopleWatcher(Directory& directory, const base::Clock& clock, const WatchSettings& settings,
                PeopleListener& listener);
  ~PeopleWatcher();  // stops
  PeopleWatcher(const PeopleWatcher&) = delete;
  PeopleWatcher& operator=(const PeopleWatcher&) = delete;

  void start();
  void stop();

 private:
  enum class Woken { changed, quiet, broken };

  void work();
  void open_feed();
  void close_feed();
  bool take_snapshot();
  Woken wait_for_change(int timeout_ms);
  void pause(int milliseconds);
  bool stopping();

  Directory& directory_;
  const base::Clock& clock_;
  const WatchSettings settings_;
  PeopleListener& listener_;
  std::jthread thread_;

  // The watcher's thread alone:
  std::shared_ptr<const Snapshot> people_ = std::make_shared<const Snapshot>();
  ShrinkGuard guard_;
  bool feed_offered_ = true;  // until the server said that it has none

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;                 // guarded by mutex_
  std::unique_ptr<ChangeFeed> feed_;  // guarded by mutex_ for replacing it; used by the watcher's thread
};

}  // namespace gateway::directory
