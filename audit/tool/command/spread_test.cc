#include "audit/tool/command/spread.h"

#include <gtest/gtest.h>

#include <atomic>

namespace audit::tool {
namespace {

verify::BundleAudit numbered(std::uint64_t bundle) {
  verify::BundleAudit audit;
  audit.bundle = bundle;
  return audit;
}

TEST(Spread, EveryBundleOnceAndInOrder) {
  for (const unsigned workers : {1U, 2U, 3U, 16U}) {
    for (const std::uint64_t first : {0U, 5U}) {
      for (const std::uint64_t count : {0U, 1U, 7U, 500U}) {
        std::atomic<std::uint64_t> made{0};
        std::vector<std::uint64_t> taken;
        const auto make = [&](std::uint64_t bundle) { return ++made, numbered(bundle); };
        const auto take = [&](const verify::BundleAudit& audit) { return taken.push_back(audit.bundle), true; };
        spread_over(workers)(first, first + count, make, take);
        EXPECT_EQ(made, count);
        ASSERT_EQ(taken.size(), count);
        for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(taken[i], first + i);
      }
    }
  }
}

TEST(Spread, StopsWhenToldAndReadsNoFurtherThanItsRing) {
  for (const unsigned workers : {1U, 2U, 16U}) {
    std::atomic<std::uint64_t> made{0};
    std::uint64_t taken = 0;
    const auto make = [&](std::uint64_t bundle) { return ++made, numbered(bundle); };
    const auto take = [&](const verify::BundleAudit&) { return ++taken < 10; };
    spread_over(workers)(0, 1'000'000, make, take);
    EXPECT_EQ(taken, 10U);
    EXPECT_LE(made, 10 + workers * (kAheadPerWorker + 1));
  }
}

TEST(Spread, AsManyWorkersAsAskedWithinBounds) {
  EXPECT_EQ(worker_count(3), 3U);
  EXPECT_EQ(worker_count(1000), kWorkersMax);
  EXPECT_GE(worker_count(0), 1U);
}

}  // namespace
}  // namespace audit::tool
