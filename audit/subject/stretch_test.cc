#include "audit/subject/stretch.h"

#include <gtest/gtest.h>

#include "audit/log/log.h"
#include "audit/store/memory.h"

namespace audit::subject {
namespace {

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

class Kept : public testing::Test {
 protected:
  void open() { log_ = log::Log::open({objects_, lock_, clock_, random_}, key_).value(); }
  std::uint64_t append(event::Record record) { return log_->append(std::move(record)).value().value; }
  void about(std::uint8_t who, int times = 1) {
    for (int i = 0; i < times; ++i) append(event::SessionOpened{{Pseudonym{{who}}}, {}});
  }
  // As the keeper does at the close of a day; here everything is published by then.
  std::optional<event::SubjectsIndexed> close_day() {
    log_->close();
    const auto next = next_index(objects_).value();
    open();
    if (next) append(*next);
    return next;
  }

  store::MemoryObjects objects_;
  store::MemoryLock lock_;
  FixedClock clock_;
  policy::base::SystemRandom random_;
  const checkpoint::SigningKey key_ = checkpoint::SigningKey::generate("authority.example/audit/2026", random_).value();
  std::unique_ptr<log::Log> log_;
};

TEST_F(Kept, StretchesFollowOneAnother) {
  open();
  append(event::ServiceStarted{});
  about(1, 3);
  about(2, 300);
  const auto first = close_day();
  log_->close();  // all is published
  EXPECT_EQ(first, (event::SubjectsIndexed{{0}, {304}, read_index(objects_, 305, {0, 304})->digest()}));
  open();
  about(3);
  const auto second = close_day();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->begin.value, 304U);
  EXPECT_EQ(second->end.value, 306U);
  EXPECT_FALSE(close_day()) << "nobody was named since";
}

TEST_F(Kept, WhatIsProvenIsWhatStandsInTheLog) {
  open();
  about(1, 2);
  append(event::ServiceStopped{});
  about(1);
  const auto next = close_day();
  ASSERT_TRUE(next);
  log_->close();  // all is published
  const Index index = read_index(objects_, 5, {0, 4}).value();
  EXPECT_EQ(index.digest(), next->index);
  const SubjectProof proof = index.prove(Pseudonym{{1}});
  ASSERT_EQ(proof.entries.size(), 3U);
  EXPECT_EQ(proof.entries[2].entry, 3U);
  EXPECT_TRUE(verify_subject(proof, Pseudonym{{1}}, next->index));
}

TEST_F(Kept, AnErasedIndexIsMadeAgainFromTheStart) {
  open();
  about(1, 2);
  ASSERT_TRUE(close_day());
  ASSERT_TRUE(log_->erase(log::Index{2}));
  about(2);
  const auto again = close_day();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->begin.value, 0U);
  EXPECT_EQ(again->end.value, 4U);
}

TEST_F(Kept, ALogThatNamesNobodyOrHoldsNothingHasNoIndex) {
  EXPECT_FALSE(next_index(objects_).value());
  open();
  append(event::ServiceStarted{});
  EXPECT_FALSE(close_day());
}

TEST_F(Kept, AMissingBundleIsAnErrorAndNoIndex) {
  open();
  about(1, 300);
  log_->close();
  objects_.contents().erase("tile/entries/000");
  EXPECT_FALSE(next_index(objects_));
}

}  // namespace
}  // namespace audit::subject
