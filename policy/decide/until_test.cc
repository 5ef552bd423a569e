// What `until` promises, on 10⁵ random cases: the effect differs then, and at no second before. No oracle is asked, so
// it may look at any instant of years. FEIERABEND_ORACLE_SEED repeats a run, FEIERABEND_UNTIL_CASES sets its length.
#include <gtest/gtest.h>

#include <cstdio>

#include "policy/base/testing/seed.h"
#include "policy/decide/decide.h"
#include "policy/decide/forecast.h"
#include "policy/decide/oracle.h"

namespace policy::decide {
namespace {

using base::format_instant;
using base::Instant;
using base::Seconds;

constexpr std::uint64_t kCases = 100'000;
constexpr std::uint64_t kInAWorld = 80;
constexpr std::int64_t kDay = 86400;

// How often what was seen.
struct Tally {
  std::uint64_t cases = 0, changes = 0, for_ever = 0, far = 0;
};

class World {
 public:
  explicit World(std::mt19937_64& random) : random_(random), world_(oracle::random_world(random)) {
    std::vector<pack::PackSource> sources;
    for (const std::string& toml : oracle::packs_of(world_))
      sources.push_back({"pack" + std::to_string(sources.size()), toml});
    rules_ = pack::load_packs(sources).value();
    answers_ = std::make_unique<Answers>(rules_);
  }

  void check_once(Tally& tally) {
    const auto c = model::kMessageClasses[static_cast<std::size_t>(roll(0, 3))];
    const bool near = roll(0, 3) > 0;
    const Instant now{world_.around + (near ? roll(-9 * kDay, 9 * kDay) : roll(-400 * kDay, 400 * kDay))};
    const auto effect_at = [&](Instant t) { return decide(*rules_, world_.facts, c, t).effect; };
    const model::Decision decision = decide(*rules_, world_.facts, c, now);
    ++tally.cases;
    ASSERT_GT(decision.until, now);
    if (decision.until < base::kEndOfTime) {
      ++tally.changes;
      tally.far += (decision.until - now).count > 30 * kDay ? 1U : 0U;
      ASSERT_NE(effect_at(decision.until), decision.effect) << format_instant(now);
      ASSERT_EQ(effect_at(decision.until - Seconds{1}), decision.effect) << format_instant(now);
      ASSERT_EQ(effect_at(Instant{roll(now.unix_s, decision.until.unix_s - 1)}), decision.effect)
          << format_instant(now);
    } else {
      ++tally.for_ever;
      ASSERT_EQ(effect_at(now + Seconds{roll(0, 9000 * kDay)}), decision.effect) << format_instant(now);
    }
    if (tally.cases % 8 == 0) {
      ASSERT_NO_FATAL_FAILURE(expect_foreseen(c, now, decision));
    }
  }

 private:
  std::int64_t roll(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  void expect_foreseen(model::MessageClass c, Instant now, const model::Decision& decision) {
    const Forecast::Extent extent{static_cast<std::size_t>(roll(1, 9)), Seconds{roll(1, 3 * kDay)}};
    const Forecast forecast(*answers_, world_.facts, now - Seconds{roll(0, kDay)}, extent);
    if (!forecast.covers(now)) return;
    ASSERT_EQ(decision_of(forecast.at(c, now)), decision) << format_instant(now);
  }

  std::mt19937_64& random_;
  oracle::World world_;
  std::shared_ptr<const pack::RuleSet> rules_;
  std::unique_ptr<Answers> answers_;
};

TEST(Until, TheEffectDiffersThenAndNotASecondBefore) {
  const std::uint64_t cases = base::from_environment("FEIERABEND_UNTIL_CASES", kCases);
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ORACLE_SEED");
  std::printf("until: %llu cases, seed %llu\n", static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(seed));
  Tally tally;
  for (std::uint64_t i = 0; tally.cases < cases; ++i) {
    std::mt19937_64 random(seed + i);
    SCOPED_TRACE("FEIERABEND_UNTIL_CASES=1 FEIERABEND_ORACLE_SEED=" + std::to_string(seed + i));
    World world(random);
    for (std::uint64_t n = 0; n < kInAWorld; ++n) ASSERT_NO_FATAL_FAILURE(world.check_once(tally));
  }
  std::printf("until: %llu changes, %llu of them more than a month away; %llu for ever\n",
              static_cast<unsigned long long>(tally.changes), static_cast<unsigned long long>(tally.far),
              static_cast<unsigned long long>(tally.for_ever));
  EXPECT_GE(tally.cases, cases);
  if (cases < kCases) return;
  // The worlds are of a kind that can find something.
  EXPECT_GT(tally.changes, cases / 4);
  EXPECT_GT(tally.for_ever, cases / 50);
  EXPECT_GT(tally.far, cases / 500);
}

}  // namespace
}  // namespace policy::decide
