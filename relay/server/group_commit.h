// A thread for the store. It takes everything that waits, writes it in one transaction, and only when that is on disk
// answers all of it: one fsync for many. What arrives meanwhile makes up the next group.
//
// change() and read() from any thread; answers go through `post` in the order of the work: a group's changes, then its
// reads. stop() works off what is queued. `store` and `clock` outlive it.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "policy/base/clock.h"
#include "relay/server/ledger.h"

namespace relay::server {

struct GroupCommitLimits {
  std::size_t queue_max = 16'384;
  std::size_t queue_bytes_max = 64 * 1024 * 1024;  // of ciphertext
  std::size_t group_max = 1024;                    // changes in one transaction
};

class GroupCommit final : public Ledger {
 public:
  using Post = std::function<void(std::function<void()>)>;
  GroupCommit(store::Store& store, const policy::base::Clock& clock, Post post, GroupCommitLimits limits = {});
  ~GroupCommit() override;
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  bool change(core::Change change, Answer answer) override;
  bool read(Reading reading) override;
  void stop();

 private:
  struct Waiting {
    core::Change change;
    Answer answer;
  };
  struct Group {
    std::vector<core::Change> changes;
    std::vector<Answer> answers;
    std::deque<Reading> readings;
  };

  void run();
  bool take(Group& group);
  void work(Group& group);

  store::Store& store_;
  const policy::base::Clock& clock_;
  Post post_;
  GroupCommitLimits limits_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> changes_;   // guarded by mutex_
  std::deque<Reading> readings_;  // guarded by mutex_
  std::size_t bytes_ = 0;         // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace relay::server
