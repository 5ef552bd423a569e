#include "relay/server/group_commit.h"

#include <gtest/gtest.h>

#include <atomic>

#include "relay/store/memory/store.h"
#include "relay/store/port/faulty.h"
#include "relay/store/port/samples.h"

namespace relay::server {
namespace {

using namespace store::contract;  // NOLINT(google-build-using-namespace): ids and messages of the contract

// Counts transactions and can be held up in one.
class WatchedStore final : public store::Store {
 public:
  explicit WatchedStore(store::Store& inner) : inner_(inner) {}
  policy::base::Result<std::vector<core::Outcome>> commit(std::span<const core::Change> changes,
                                                          core::Instant now) override {
    ++commits;
    const std::scoped_lock gate(held);
    return inner_.commit(changes, now);
  }
  policy::base::Result<core::Backlog> backlog(const core::BacklogQuery& query, core::Instant now) override {
    return inner_.backlog(query, now);
  }
  policy::base::Result<core::pb::State> status(const core::StatusQuery& query, core::Instant now) override {
    return inner_.status(query, now);
  }
  policy::base::Result<std::vector<core::pb::BucketReceipt>> receipts() override { return inner_.receipts(); }
  policy::base::Result<std::size_t> destroy_due(core::Instant now) override { return inner_.destroy_due(now); }

  std::atomic<int> commits{0};
  std::mutex held;

 private:
  store::Store& inner_;
};

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return kNow; }
  std::int64_t now_ms() const override { return kNow.unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

struct GroupCommitTest : testing::Test {
  SeededRandom random{1};
  store::MemoryStore memory{random};
  WatchedStore store{memory};
  FixedClock clock;
  std::vector<int> answers;  // written by the store's thread, read after stop()

  GroupCommit::Post post = [](const std::function<void()>& work) { work(); };
  static core::Change some_change() { return CreateConversation{conversation(1), {mailbox(1)}}; }
};

TEST_F(GroupCommitTest, WhatWaitsGoesIntoOneTransactionAndIsAnsweredInOrder) {
  GroupCommit ledger(store, clock, post);
  {
    const std::scoped_lock hold(store.held);
    ASSERT_TRUE(ledger.change(some_change(), [&](const core::Outcome&) { answers.push_back(0); }));
    while (store.commits == 0) std::this_thread::yield();
    for (int i = 1; i <= 100; ++i)
      ASSERT_TRUE(
          ledger.change(some_change(), [&, i](const core::Outcome& outcome) { answers.push_back(outcome ? i : -1); }));
    ASSERT_TRUE(ledger.read(
        [&](store::Store&, core::Instant) -> std::function<void()> { return [&] { answers.push_back(101); }; }));
  }
  ledger.stop();
  EXPECT_EQ(store.commits, 2);
  ASSERT_EQ(answers.size(), 102U);
  for (int i = 0; i <= 101; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)], i);
}

TEST_F(GroupCommitTest, TheQueueIsBoundedInNumberAndBytes) {
  GroupCommit ledger(store, clock, post, {.queue_max = 3, .queue_bytes_max = 100, .group_max = 10});
  {
    const std::scoped_lock hold(store.held);
    ASSERT_TRUE(ledger.change(some_change(), [](const core::Outcome&) {}));
    while (store.commits == 0) std::this_thread::yield();
    EXPECT_FALSE(ledger.change(accept({.ciphertext = std::string(101, 'x')}), [](const core::Outcome&) {}));
    for (int i = 0; i < 3; ++i)
      EXPECT_TRUE(ledger.change(some_change(), [&, i](const core::Outcome&) { answers.push_back(i); }));
    EXPECT_FALSE(ledger.change(some_change(), [](const core::Outcome&) {}));
  }
  ledger.stop();
  EXPECT_EQ(answers.size(), 3U);
  EXPECT_FALSE(ledger.change(some_change(), [](const core::Outcome&) {}));
}

TEST_F(GroupCommitTest, AFailedTransactionFailsEachOfItsChanges) {
  store::FaultyStore faulty(memory, [] { return store::Fault::kPersisted; });
  GroupCommit ledger(faulty, clock, post);
  std::vector<std::string> codes;
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(
        ledger.change(some_change(), [&](const core::Outcome& outcome) { codes.push_back(outcome.error().code); }));
  ledger.stop();
  EXPECT_EQ(codes, std::vector<std::string>(3, "store.unavailable"));
}

}  // namespace
}  // namespace relay::server
