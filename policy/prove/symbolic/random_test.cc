// What the symbolic proof says of random rules, against sweeps over random rosters: what is proved fails for nobody,
// and what fails does fail for the person who is named. FEIERABEND_ORACLE_CASES and FEIERABEND_ORACLE_SEED as
// elsewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

#include "policy/base/testing/seed.h"
#include "policy/decide/oracle.h"
#include "policy/prove/sweep.h"
#include "policy/prove/symbolic/prover.h"

namespace policy::prove::symbolic {
namespace {

using decide::oracle::Rule;
using decide::oracle::World;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool one_in(int n) { return between(1, n) == 1; }
  std::mt19937_64& random() { return random_; }

 private:
  std::mt19937_64 random_;
};

// A few rules, and often one that makes the claim true or almost true.
struct Subject {
  World world;
  std::string claim;
};

Rule helpful(Dice& dice, int minimum_s) {
  Rule rule;
  rule.id = "helpful";
  rule.layer = dice.between(0, 3);
  rule.kind = "after-duty";
  rule.minimum = minimum_s + (dice.one_in(3) ? dice.between(-2, 2) * 300 : 0);
  rule.grace = dice.one_in(4) ? 900 : 0;
  rule.lead = dice.one_in(5) ? 900 : 0;
  rule.restart = dice.one_in(4) ? "longer-than" : dice.one_in(5) ? "never" : "always";
  rule.threshold = 900;
  if (dice.one_in(6)) rule.kind = "off-duty";
  return rule;
}

Subject random_subject(Dice& dice) {
  Subject out{decide::oracle::random_world(dice.random()), {}};
  World& world = out.world;
  world.rules.resize(std::min<std::size_t>(world.rules.size(), 3));
  const int minimum_s = dice.between(4, 28) * 1800;
  const int kind = dice.between(0, 5);
  if (kind < 4 && !dice.one_in(4)) world.rules.push_back(helpful(dice, minimum_s));
  if (kind == 4 && dice.one_in(2)) {
    Rule rule;
    rule.id = "helpful";
    rule.kind = dice.one_in(2) ? "absence" : "off-duty";
    world.rules.push_back(rule);
  }
  std::erase_if(world.exceptions, [&](auto& exception) {
    std::erase_if(exception.pierces, [&](const std::string& id) {
      return std::ranges::find(world.rules, id, &Rule::id) == world.rules.end();
    });
    return exception.pierces.empty() || dice.one_in(2);
  });
  constexpr std::array kKinds{"rest-after-duty", "rest-after-duty", "rest-per-24h",
                              "rest-per-week",   "never-delivers",  "at-least-as-protective-as"};
  constexpr std::array kClasses{"routine", "shift-notice", "urgent", "alarm"};
  out.claim = "[[claim]]\nid = \"claim\"\nkind = \"" + std::string(kKinds[static_cast<std::size_t>(kind)]) +
              "\"\nclasses = [\"" + kClasses[static_cast<std::size_t>(dice.between(0, 3))] + "\"]\n";
  if (kind < 4) {
    constexpr std::array kRestarts{"always", "always", "never", "longer-than:15m"};
    out.claim += "minimum = \"" + std::to_string(minimum_s / 60) + "m\"\nrestart = \"" +
                 kRestarts[static_cast<std::size_t>(dice.between(0, 3))] + "\"\n";
  }
  if (kind == 4)
    out.claim += std::string("during = \"") +
                 std::array{"absence", "off-duty", "always"}[static_cast<std::size_t>(dice.between(0, 2))] + "\"\n";
  if (kind == 5) out.claim += "than = \"pack" + std::to_string(dice.between(0, 3)) + "\"\n";
  return out;
}

std::shared_ptr<const pack::RuleSet> load(const Subject& subject) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : decide::oracle::packs_of(subject.world))
    sources.push_back({"pack" + std::to_string(sources.size()), toml});
  sources.back().toml += subject.claim;
  const auto loaded = pack::load_packs(sources);
  if (loaded) return *loaded;
  ADD_FAILURE() << to_string(loaded.error().front()) << sources.back().toml;
  return nullptr;
}

std::string describe(const Subject& subject, const model::PersonFacts& facts) {
  std::string out = subject.claim;
  for (const std::string& toml : decide::oracle::packs_of(subject.world)) out += toml + "\n";
  for (const std::string& group : facts.groups) out += "group " + group + "\n";
  for (const auto& entry : facts.roster)
    out += std::string(name_of(entry.kind)) + " " + base::format_instant(entry.span.begin) + " " +
           base::format_instant(entry.span.end) + "\n";
  for (const auto& entry : facts.interruptions)
    out += "interruption " + base::format_instant(entry.span.begin) + " " + base::format_instant(entry.span.end) + "\n";
  return out;
}

ClaimReport swept(const std::shared_ptr<const pack::RuleSet>& rules, const model::PersonFacts& facts,
                  base::Interval span) {
  const auto plan = Plan::make(rules, span, "claim");
  Tally tally(**plan);
  tally.add(facts);
  return report_of(*rules, **plan, tally).claims.front();
}

void expect_nobody(const Subject& subject, const std::shared_ptr<const pack::RuleSet>& rules, Dice& dice) {
  for (int i = 0; i < 40; ++i) {
    const World other = decide::oracle::random_world(dice.random());
    const base::Instant middle{other.around};
    const base::Interval span{middle - base::Seconds{20LL * 86400}, middle + base::Seconds{20LL * 86400}};
    const ClaimReport claim = swept(rules, other.facts, span);
    ASSERT_EQ(claim.failures, 0U) << describe(subject, other.facts);
  }
}

void expect_the_named(const Subject& subject, const std::shared_ptr<const pack::RuleSet>& rules,
                      const ClaimReport& claim) {
  ASSERT_FALSE(claim.counterexamples.empty());
  const Counterexample& one = claim.counterexamples.front();
  ASSERT_TRUE(one.facts);
  const base::Seconds around{16LL * 86400};
  const base::Interval span{one.shortfall.period.begin - around, one.shortfall.period.end + around};
  ASSERT_GT(swept(rules, *one.facts, span).failures, 0U) << describe(subject, *one.facts);
}

TEST(Symbolic, AgreesWithSweepsOverRandomRosters) {
  const std::uint64_t cases = base::from_environment("FEIERABEND_ORACLE_CASES", 60);
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ORACLE_SEED");
  std::printf("symbolic: %llu cases, seed %llu\n", static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(seed));
  std::map<Verdict, int> verdicts;
  std::map<std::string, int> reasons;
  for (std::uint64_t i = 0; i < cases; ++i) {
    Dice dice(seed + i);
    SCOPED_TRACE("FEIERABEND_ORACLE_CASES=1 FEIERABEND_ORACLE_SEED=" + std::to_string(seed + i));
    const Subject subject = random_subject(dice);
    const auto rules = load(subject);
    ASSERT_NE(rules, nullptr);
    const ClaimReport claim = prove(rules, "claim")->claims.front();
    ++verdicts[claim.verdict];
    if (claim.verdict == Verdict::kHolds) {
      ASSERT_NO_FATAL_FAILURE(expect_nobody(subject, rules, dice));
    } else if (claim.verdict == Verdict::kFails) {
      ASSERT_NO_FATAL_FAILURE(expect_the_named(subject, rules, claim));
    }
    if (claim.verdict != Verdict::kNotProven) continue;
    ++reasons[claim.reason.code];
    std::printf("  not proven: seed %llu, %s\n", static_cast<unsigned long long>(seed + i), claim.reason.code.c_str());
    if (cases == 1) std::puts(describe(subject, {}).c_str());
  }
  for (const auto& [verdict, count] : verdicts) std::printf("  %s %d\n", name_of(verdict).data(), count);
  for (const auto& [reason, count] : reasons) std::printf("  %s %d\n", reason.c_str(), count);
  if (cases < 50) return;
  // A proof that always gives up, or never does, would agree with anything.
  const int all = static_cast<int>(cases);
  EXPECT_GT(verdicts[Verdict::kHolds], all / 5);
  EXPECT_GT(verdicts[Verdict::kFails], all / 5);
  EXPECT_LT(verdicts[Verdict::kNotProven], all / 8);
}

}  // namespace
}  // namespace policy::prove::symbolic
