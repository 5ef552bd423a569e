#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>

#include "gateway/directory/watch/people_watcher.h"

namespace gateway::directory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(ShrinkGuard, BelievesOrdinaryDeparturesAtOnce) {
  ShrinkGuard guard({});
  EXPECT_TRUE(guard.offer(0, 0, 0));
  EXPECT_TRUE(guard.offer(1000, 500, 0));  // half, not more
  EXPECT_TRUE(guard.offer(9, 9, 0));       // a small site may lose everybody
}

TEST(ShrinkGuard, HoldsAMassDepartureUntilItWasSeenThreeTimesOverTenMinutes) {
  ShrinkGuard guard({});
  EXPECT_EQ(guard.offer(1000, 501, 0).error().code, "directory.shrunk");
  EXPECT_FALSE(guard.offer(1000, 501, 599'999));
  EXPECT_FALSE(guard.offer(1000, 501, 599'999));
  EXPECT_TRUE(guard.offer(1000, 501, 600'000));
  EXPECT_FALSE(guard.offer(1000, 501, 600'001));  // the next one is a new one
}

TEST(ShrinkGuard, ABelievableSnapshotInBetweenStartsAnew) {
  ShrinkGuard guard({});
  EXPECT_FALSE(guard.offer(1000, 900, 0));
  EXPECT_FALSE(guard.offer(1000, 900, 300'000));
  EXPECT_TRUE(guard.offer(1000, 1, 300'001));
  EXPECT_FALSE(guard.offer(1000, 900, 600'000));
  EXPECT_FALSE(guard.offer(1000, 900, 700'000));
  EXPECT_FALSE(guard.offer(1000, 900, 1'199'999));
  EXPECT_TRUE(guard.offer(1000, 900, 1'200'000));
}

// A directory whose people the test sets, with a feed that the test rings.
class ScriptedDirectory final : public Directory {
 public:
  class Feed final : public ChangeFeed {
   public:
    explicit Feed(ScriptedDirectory& owner) : owner_(owner) {}
    base::Result<bool> wait(int timeout_ms) override {
      std::unique_lock lock(owner_.mutex_);
      owner_.wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                            [this] { return owner_.rings_ > 0 || owner_.feed_dead_ || interrupted_; });
      if (interrupted_) return false;
      if (std::exchange(owner_.feed_dead_, false)) return base::fail("directory.unavailable", "the feed broke");
      if (owner_.rings_ == 0) return false;
      --owner_.rings_;
      return true;
    }
    void interrupt() override {
      const std::scoped_lock lock(owner_.mutex_);
      interrupted_ = true;
      owner_.wake_.notify_all();
    }

   private:
    ScriptedDirectory& owner_;
    bool interrupted_ = false;
  };

  base::Result<Person> authenticate(std::string_view, std::string_view) override {
    return std::unexpected(login_refused());
  }
  base::Result<Snapshot> snapshot() override {
    const std::scoped_lock lock(mutex_);
    if (down_) return base::fail("directory.unavailable", "down");
    std::vector<Person> all;
    for (const std::string& id : ids_)
      all.push_back({.id = id, .stable_id = {}, .display_name = {}, .unit = {}, .groups = {}});
    return make_snapshot(std::move(all), 0);
  }
  base::Status probe() override {
    const std::scoped_lock lock(mutex_);
    if (down_) return base::fail("directory.unavailable", "down");
    return {};
  }
  base::Result<std::unique_ptr<ChangeFeed>> changes() override {
    if (!offers_feed) return base::fail("directory.no-feed", "none");
    return std::make_unique<Feed>(*this);
  }

  void set(const std::function<void(ScriptedDirectory&)>& change) {
    const std::scoped_lock lock(mutex_);
    change(*this);
    wake_.notify_all();
  }

  bool offers_feed = true;
  std::vector<std::string> ids_{"anna", "ben"};
  bool down_ = false, feed_dead_ = false;
  int rings_ = 0;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
};

class Heard final : public PeopleListener {
 public:
  void on_people(std::shared_ptr<const Snapshot> people, const Changes& changes) override {
    const std::scoped_lock lock(mutex_);
    people_ = std::move(people);
    gone_.insert(gone_.end(), changes.gone.begin(), changes.gone.end());
    ++snapshots_;
    wake_.notify_all();
  }
  void on_fault(const base::Error& error) override {
    const std::scoped_lock lock(mutex_);
    faults_.push_back(error.code);
    wake_.notify_all();
  }
  bool await(const std::function<bool(Heard&)>& condition) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(20), [&] { return condition(*this); });
  }

  std::shared_ptr<const Snapshot> people_;
  std::vector<std::string> gone_, faults_;
  int snapshots_ = 0;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
};

const WatchSettings kQuick{.poll_ms = 20, .full_ms = 3'600'000, .gap_ms = 1, .shrink = {}};

TEST(PeopleWatcher, HearsTheFeedAndNotOnlyThePoll) {
  ScriptedDirectory directory;
  base::SystemClock clock;
  Heard heard;
  WatchSettings patient = kQuick;
  patient.poll_ms = 3'600'000;
  PeopleWatcher watcher(directory, clock, patient, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.snapshots_ == 1; }));
  directory.set([](ScriptedDirectory& d) { d.ids_ = {"anna"}, d.rings_ = 1; });
  EXPECT_TRUE(heard.await([](Heard& h) { return h.gone_ == std::vector<std::string>{"ben"}; }));
  watcher.stop();  // returns although the next poll is an hour away
}

TEST(PeopleWatcher, PollsWhereThereIsNoFeed) {
  ScriptedDirectory directory;
  directory.offers_feed = false;
  base::SystemClock clock;
  Heard heard;
  PeopleWatcher watcher(directory, clock, kQuick, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.snapshots_ >= 1; }));
  directory.set([](ScriptedDirectory& d) { d.ids_ = {"ben"}; });
  EXPECT_TRUE(heard.await([](Heard& h) { return h.gone_ == std::vector<std::string>{"anna"}; }));
}

TEST(PeopleWatcher, UnreachableMeansAFaultAndNobodyGone) {
  ScriptedDirectory directory;
  base::SystemClock clock;
  Heard heard;
  PeopleWatcher watcher(directory, clock, kQuick, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.snapshots_ >= 1; }));
  directory.set([](ScriptedDirectory& d) { d.down_ = true, d.ids_ = {"ben"}; });
  ASSERT_TRUE(heard.await([](Heard& h) { return h.faults_.size() >= 3; }));
  EXPECT_TRUE(heard.gone_.empty());
  directory.set([](ScriptedDirectory& d) { d.down_ = false; });
  EXPECT_TRUE(heard.await([](Heard& h) { return h.gone_ == std::vector<std::string>{"anna"}; }));
}

TEST(PeopleWatcher, ABrokenFeedIsReplacedAndMissesNothing) {
  ScriptedDirectory directory;
  base::SystemClock clock;
  Heard heard;
  WatchSettings patient = kQuick;
  patient.poll_ms = 3'600'000;
  PeopleWatcher watcher(directory, clock, patient, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.snapshots_ == 1; }));
  directory.set([](ScriptedDirectory& d) { d.ids_ = {"anna"}, d.feed_dead_ = true; });
  EXPECT_TRUE(heard.await([](Heard& h) { return h.gone_ == std::vector<std::string>{"ben"}; }));
}

TEST(PeopleWatcher, ADoubtfulSnapshotIsReportedAndNotApplied) {
  ScriptedDirectory directory;
  for (int i = 0; i < 30; ++i) directory.ids_.push_back("p" + std::to_string(i));
  base::SystemClock clock;
  Heard heard;
  PeopleWatcher watcher(directory, clock, kQuick, heard);
  watcher.start();
  ASSERT_TRUE(heard.await([](Heard& h) { return h.snapshots_ >= 1; }));
  directory.set([](ScriptedDirectory& d) { d.ids_ = {"anna"}, d.rings_ = 1; });
  EXPECT_TRUE(heard.await([](Heard& h) { return h.faults_.size() >= 2; }));
  watcher.stop();
  EXPECT_THAT(heard.faults_, Contains("directory.shrunk"));
  EXPECT_TRUE(heard.gone_.empty());
  EXPECT_EQ(heard.people_->people.size(), 32U);
}

}  // namespace
}  // namespace gateway::directory
