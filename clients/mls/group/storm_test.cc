// Storms: seeded runs of many operations under a relay that does what it likes. Another seed: MLS_STORM_SEED=random.
#include <gtest/gtest.h>

#include "clients/mls/group/testing/storm.h"
#include "policy/base/testing/seed.h"

namespace clients::mls {
namespace {

Storm::Tally run(std::uint64_t seed, const StormSize& size) {
  Storm storm(seed, size);
  storm.run();
  for (const std::string& fault : storm.faults()) ADD_FAILURE() << "seed " << seed << ": " << fault;
  return storm.tally();
}

std::uint64_t seed() { return policy::base::seed_from_environment("MLS_STORM_SEED"); }

TEST(StormTest, OfFewWithManySteps) {
  std::size_t commits = 0, opened = 0, removed = 0, entered = 0, apart = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Storm::Tally tally = run(seed() + i, {.devices = 2 + i, .steps = 400, .injections = 3});
    commits += tally.commits;
    opened += tally.opened;
    removed += tally.removed;
    entered += tally.entered;
    apart += tally.apart;
  }
  EXPECT_GT(commits, 300U);
  EXPECT_GT(opened, 300U);
  EXPECT_GT(removed, 20U);
  EXPECT_GT(entered, 20U);
  EXPECT_GT(apart, 0U);
}

TEST(StormTest, OfAHundred) { run(seed(), {.devices = 100, .steps = 120, .injections = 4}); }

TEST(StormTest, OfFiveHundred) { run(seed(), {.devices = 500, .steps = 30, .injections = 3}); }

}  // namespace
}  // namespace clients::mls
