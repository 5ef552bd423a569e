// Random pairs of rule sets against the slow reading of the definitions (policy/decide/oracle.h): the diff is empty if
// and only if no boundary of either set shows a difference. FEIERABEND_ORACLE_CASES and FEIERABEND_ORACLE_SEED as
// there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "policy/base/testing/seed.h"
#include "policy/decide/oracle.h"
#include "policy/diff/gates.h"

namespace policy::diff {
namespace {

using base::Instant;
using decide::oracle::Reading;
using decide::oracle::Second;
using decide::oracle::World;

std::shared_ptr<const pack::RuleSet> load(const World& world, std::string& text) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : decide::oracle::packs_of(world)) {
    sources.push_back({"pack" + std::to_string(sources.size()), toml});
    text += toml + "\n";
  }
  return pack::load_packs(sources).value();
}

class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}
  Second between(Second low, Second high) { return std::uniform_int_distribution<Second>(low, high)(random_); }
  std::mt19937_64& source() { return random_; }

 private:
  std::mt19937_64& random_;
};

// Splits a window by its days, or adds a copy that protects no more: the same decisions in other words.
void reword(World& world, Dice& dice, std::size_t i) {
  const decide::oracle::Rule copy = world.rules[i];
  world.rules[i].id += ".new";
  for (auto& exception : world.exceptions)
    for (std::string& id : exception.pierces)
      if (id == copy.id) id += ".new";
  const bool pierced = std::ranges::any_of(world.exceptions, [&](const auto& exception) {
    return std::ranges::find(exception.pierces, copy.id + ".new") != exception.pierces.end();
  });
  if (pierced || dice.between(0, 1) == 0) return;
  world.rules.push_back(copy);
  if (copy.kind != "window") {
    for (int& effect : world.rules.back().effects) effect = static_cast<int>(dice.between(0, effect));
    return;
  }
  for (std::size_t day = 0; day < 8; ++day) (day % 2 == 0 ? world.rules[i] : world.rules.back()).days[day] = false;
  world.rules[i].days[1] = copy.days[1];
  for (auto* rule : {&world.rules[i], &world.rules.back()})
    if (std::ranges::none_of(rule->days, [](bool on) { return on; })) rule->days = copy.days;
}

// An exception that lets a little more or less pass.
void change_exception(World& world, Dice& dice) {
  if (world.exceptions.empty()) return;
  auto& exception =
      world.exceptions[static_cast<std::size_t>(dice.between(0, static_cast<Second>(world.exceptions.size()) - 1))];
  switch (dice.between(0, 4)) {
    case 0: exception.classes[static_cast<std::size_t>(dice.between(0, 2))] ^= true; break;
    case 1: exception.from = (exception.from + 300) % 86400; break;
    case 2: exception.longest += 60 * dice.between(1, 30); break;
    case 3: exception.per_week += 1; break;
    default: exception.reasons.resize(std::max<std::size_t>(exception.reasons.size(), 2) - 1); break;
  }
}

// One small step away.
World changed(World world, Dice& dice) {
  const auto i = static_cast<std::size_t>(dice.between(0, static_cast<Second>(world.rules.size()) - 1));
  auto& rule = world.rules[i];
  switch (dice.between(0, 12)) {
    case 0: rule.minimum += 60 * dice.between(1, 90); break;
    case 1: rule.grace += 60 * dice.between(1, 30); break;
    case 2: rule.lead += 60 * dice.between(1, 30); break;
    case 3: rule.threshold += 60 * dice.between(1, 10); break;
    case 4: rule.from = (rule.from + 300) % 86400; break;
    case 5: rule.days[static_cast<std::size_t>(dice.between(1, 7))] ^= true; break;
    case 6: rule.effects[static_cast<std::size_t>(dice.between(0, 3))] = static_cast<int>(dice.between(0, 2)); break;
    case 7: world.duty_gap += 60 * dice.between(1, 60); break;
    case 8: world.exceptions.clear(); break;
    case 9: reword(world, dice, i); break;
    default: change_exception(world, dice); break;
  }
  return world;
}

using Effects = std::pair<model::Effect, model::Effect>;

// Both answers at every boundary of either, as stretches in which they differ.
std::vector<Change> slow_changes(const World& before, const World& after, std::size_t c, Second begin, Second end,
                                 Look look) {
  const Reading old_reading(before), new_reading(after);
  std::set<Second> at;
  for (const Reading* reading : {&old_reading, &new_reading})
    for (const Second t : reading->candidates(begin, end)) at.insert(t);
  std::vector<Change> out;
  for (auto t = at.begin(); t != at.end(); ++t) {
    const Second until = std::next(t) == at.end() ? end : *std::next(t);
    const auto was = old_reading.at(*t, c), is = new_reading.at(*t, c);
    if (was.effect == is.effect && (look == Look::kEffects || was.rules == is.rules)) continue;
    Change change{model::kMessageClasses[c], {{*t}, {until}}, was.effect, is.effect, was.rules, is.rules};
    if (!out.empty() && out.back().span.end == change.span.begin) {
      Change longer = out.back();
      longer.span = change.span;
      if (longer == change) {
        out.back().span.end = change.span.end;
        continue;
      }
    }
    out.push_back(std::move(change));
  }
  return out;
}

struct Pair {
  World before, after;
  std::shared_ptr<const pack::RuleSet> old_rules, new_rules;
  std::string text;
};

Pair random_pair(Dice& dice) {
  Pair pair;
  pair.before = decide::oracle::random_world(dice.source());
  pair.after = changed(pair.before, dice);
  if (dice.between(0, 3) == 0) {
    pair.after = decide::oracle::random_world(dice.source());
    pair.after.facts = pair.before.facts;
    pair.after.around = pair.before.around;
  }
  pair.old_rules = load(pair.before, pair.text);
  pair.text += "-------- new\n";
  pair.new_rules = load(pair.after, pair.text);
  return pair;
}

void check_person(Dice& dice) {
  const Pair pair = random_pair(dice);
  SCOPED_TRACE(pair.text);
  const Second begin = pair.before.around - dice.between(0, 5 * 86400), end = begin + dice.between(3600, 8 * 86400);
  for (const Look look : {Look::kEffects, Look::kReasons}) {
    std::vector<Change> expected;
    for (std::size_t c = 0; c < 4; ++c)
      for (Change& change : slow_changes(pair.before, pair.after, c, begin, end, look))
        expected.push_back(std::move(change));
    const auto found = changes_of(*pair.old_rules, *pair.new_rules, pair.before.facts, {{begin}, {end}}, look);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_EQ(found[i], expected[i]) << format_instant(found[i].span.begin);
  }
}

struct Tally {
  std::size_t same = 0, differs = 0, not_found = 0, missed = 0;
};

// What lies within a month of `around`, which is all that the reading can need.
World near(World world, const model::PersonFacts& facts, Second around) {
  const auto far = [&](const auto& entry) {
    return entry.span.end.unix_s < around - 30 * 86400 || entry.span.begin.unix_s > around + 30 * 86400;
  };
  world.around = around;
  world.facts = facts;
  std::erase_if(world.facts.roster, far);
  std::erase_if(world.facts.interruptions, far);
  std::erase_if(world.facts.overrides, far);
  std::erase_if(world.facts.self_openings, far);
  return world;
}

// A case is what the slow reading says, at its first and its last second.
void check_cases(const Pair& pair, const RulesDiff& diff) {
  for (const Case& one : diff.cases) {
    for (const Scenario& life : one.lives) {
      model::PersonFacts facts = life.facts;
      facts.groups = one.who.back().in;
      const std::size_t step = 1 + one.changes.size() / 7;
      for (std::size_t i = 0; i < one.changes.size(); i += step) {
        const Change& change = one.changes[i];
        const auto c = static_cast<std::size_t>(change.message_class);
        for (const Instant t : {change.span.begin, change.span.end - base::Seconds{1}}) {
          const World before = near(pair.before, facts, t.unix_s), after = near(pair.after, facts, t.unix_s);
          ASSERT_EQ(Reading(before).at(t.unix_s, c).effect, change.before) << format_instant(t);
          ASSERT_EQ(Reading(after).at(t.unix_s, c).effect, change.after) << format_instant(t);
        }
      }
    }
  }
}

void check_rules(Dice& dice, Tally& tally) {
  Pair pair = random_pair(dice);
  SCOPED_TRACE(pair.text);
  const base::Interval year{base::parse_instant("2025-12-31T23:00:00Z").value(),
                            base::parse_instant("2026-12-31T23:00:00Z").value()};
  const RulesDiff diff = diff_rules(*pair.old_rules, *pair.new_rules, year);
  ASSERT_NO_FATAL_FAILURE(check_cases(pair, diff));
  // No case: no roster may show a difference.
  std::array<bool, 4> shown{};
  for (int n = 0; n < 8; ++n) {
    World other = decide::oracle::random_world(dice.source());
    if (n < 2) other = pair.before;  // whose overrides name exceptions that there are
    pair.before.facts = pair.after.facts = other.facts;
    pair.before.around = pair.after.around = other.around;
    if (dice.between(0, 3) == 0) pair.before.facts.groups = pair.after.facts.groups = {"stab"};
    for (std::size_t c = 0; c < 4; ++c) {
      if (diff.verdicts[c] == Verdict::kDiffers) continue;
      const Second begin = other.around - 4 * 86400;
      const auto found = slow_changes(pair.before, pair.after, c, begin, begin + 8 * 86400, Look::kEffects);
      shown[c] = shown[c] || !found.empty();
      if (diff.verdicts[c] == Verdict::kSame) {
        ASSERT_TRUE(found.empty()) << name_of(model::kMessageClasses[c]) << " "
                                   << format_instant(found.front().span.begin);
      }
    }
  }
  for (std::size_t c = 0; c < 4; ++c) {
    tally.same += diff.verdicts[c] == Verdict::kSame ? 1U : 0U;
    tally.differs += diff.verdicts[c] == Verdict::kDiffers ? 1U : 0U;
    tally.not_found += diff.verdicts[c] == Verdict::kNotFound ? 1U : 0U;
    EXPECT_FALSE(shown[c]) << "a roster shows what the search did not find";
  }
}

template <typename Check>
void many(std::uint64_t cases, Check check) {
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ORACLE_SEED");
  cases = base::from_environment("FEIERABEND_ORACLE_CASES", cases);
  std::printf("%llu pairs, seed %llu\n", static_cast<unsigned long long>(cases), static_cast<unsigned long long>(seed));
  for (std::uint64_t i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + i);
    Dice dice(random);
    SCOPED_TRACE("FEIERABEND_ORACLE_CASES=1 FEIERABEND_ORACLE_SEED=" + std::to_string(seed + i));
    ASSERT_NO_FATAL_FAILURE(check(dice));
  }
}

TEST(DiffProperty, APersonsChangesAreExact) {
  many(300, [](Dice& dice) { check_person(dice); });
}

TEST(DiffProperty, RulesWithoutACaseDecideAlike) {
  Tally tally;
  many(40, [&](Dice& dice) { check_rules(dice, tally); });
  std::printf("same %zu, differs %zu, not found %zu\n", tally.same, tally.differs, tally.not_found);
  EXPECT_GT(tally.same, 0U);
  EXPECT_GT(tally.differs, 0U);
}

}  // namespace
}  // namespace policy::diff
