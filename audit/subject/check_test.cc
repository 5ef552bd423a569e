#include "audit/subject/check.h"

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

// #0, #1: entries of a pseudonym; then what the test appends.
class Checked : public testing::Test {
 protected:
  std::vector<WrongIndex> wrong_with(const std::vector<event::Record>& records) {
    {
      const auto log = log::Log::open({objects_, lock_, clock_, random_}, key_).value();
      for (int i = 0; i < 2; ++i) (void)log->append(event::SessionOpened{{Pseudonym{{7}}}, {}}).value();
      for (const auto& record : records) (void)log->append(record).value();
      size_ = 2 + records.size();
    }
    return wrong_indexes(objects_, size_).value();
  }

  store::MemoryObjects objects_;
  store::MemoryLock lock_;
  FixedClock clock_;
  policy::base::SystemRandom random_;
  const checkpoint::SigningKey key_ = checkpoint::SigningKey::generate("a.example/2026", random_).value();
  std::uint64_t size_ = 0;
};

TEST_F(Checked, AnIndexThatLeavesSomebodyOut) {
  EXPECT_EQ(wrong_with({event::SubjectsIndexed{{0}, {2}, Index({0, 2}, {}).digest()}}),
            (std::vector<WrongIndex>{{2, Fault::kDigest}}));
}

TEST_F(Checked, AStretchThatLeavesAGap) {
  EXPECT_EQ(wrong_with({event::ServiceStopped{}, event::SubjectsIndexed{{2}, {3}, Index({2, 3}, {}).digest()}}),
            (std::vector<WrongIndex>{{3, Fault::kGap}}));
}

TEST_F(Checked, AStretchThatReachesAheadOrEndsBeforeItBegins) {
  EXPECT_EQ(wrong_with({event::SubjectsIndexed{{0}, {4}, {}}, event::SubjectsIndexed{{1}, {0}, {}}}),
            (std::vector<WrongIndex>{{2, Fault::kDigest}, {3, Fault::kDigest}}));
}

TEST_F(Checked, GoodIndexesAreGood) {
  EXPECT_TRUE(wrong_with({}).empty());
  const auto log = log::Log::open({objects_, lock_, clock_, random_}, key_).value();
  (void)log->append(*next_index(objects_).value()).value();
  (void)log->append(event::SessionOpened{{Pseudonym{{8}}}, {}}).value();
  log->close();
  const auto second = next_index(objects_).value();
  ASSERT_TRUE(second);
  const auto again = log::Log::open({objects_, lock_, clock_, random_}, key_).value();
  (void)again->append(*second).value();
  again->close();
  EXPECT_TRUE(wrong_indexes(objects_, 5)->empty());
}

}  // namespace
}  // namespace audit::subject
