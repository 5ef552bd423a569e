// decide, gate_state and timeline against the oracle on random worlds around clock changes and holidays.
// FEIERABEND_ORACLE_CASES and FEIERABEND_ORACLE_SEED set size and seed; both are printed.
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
using oracle::Second;

std::shared_ptr<const pack::RuleSet> load(const oracle::World& world, std::string& text) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : oracle::packs_of(world)) {
    sources.push_back({"pack" + std::to_string(sources.size()), toml});
    text += toml + "\n";
  }
  const auto loaded = pack::load_packs(sources);
  if (loaded) return *loaded;
  for (const auto& error : loaded.error()) ADD_FAILURE() << to_string(error);
  return nullptr;
}

std::string describe(const model::PersonFacts& facts) {
  std::string out;
  for (const auto& entry : facts.roster)
    out += std::string(name_of(entry.kind)) + " " + format_instant(entry.span.begin) + " " +
           format_instant(entry.span.end) + "\n";
  for (const auto& entry : facts.interruptions)
    out += "interruption " + format_instant(entry.span.begin) + " " + format_instant(entry.span.end) + "\n";
  for (const auto& entry : facts.overrides)
    out += entry.rule + " by " + entry.role + " for " + entry.reason + " " + format_instant(entry.span.begin) + " " +
           format_instant(entry.span.end) + "\n";
  for (const auto& entry : facts.self_openings)
    out += "own opening " + format_instant(entry.span.begin) + " " + format_instant(entry.span.end) + "\n";
  return out;
}

// The answers at every candidate, and the expected stretches from them.
struct Expected {
  std::vector<Second> at;
  std::vector<oracle::Answer> answers;
};

void expect_timeline(const pack::RuleSet& rules, const oracle::World& world, model::MessageClass c, Second begin,
                     Second end, const Expected& expected) {
  std::vector<model::Stretch> stretches;
  for (std::size_t i = 0; i < expected.at.size(); ++i) {
    const Instant until{i + 1 < expected.at.size() ? expected.at[i + 1] : end};
    const oracle::Answer& answer = expected.answers[i];
    if (!stretches.empty() && stretches.back().effect == answer.effect && stretches.back().rules == answer.rules) {
      stretches.back().span.end = until;
    } else {
      stretches.push_back({{Instant{expected.at[i]}, until}, answer.effect, answer.rules});
    }
  }
  const auto line = timeline(rules, world.facts, c, {Instant{begin}, Instant{end}});
  ASSERT_EQ(line.size(), stretches.size());
  for (std::size_t i = 0; i < line.size(); ++i) ASSERT_EQ(line[i], stretches[i]) << format_instant(line[i].span.begin);
}

void expect_decision(const pack::RuleSet& rules, const oracle::World& world, model::MessageClass c,
                     const Expected& expected, std::size_t i, Second now, Second end) {
  const model::Decision decision = decide(rules, world.facts, c, Instant{now});
  ASSERT_EQ(decision.effect, expected.answers[i].effect) << format_instant({now});
  ASSERT_EQ(decision.rules, expected.answers[i].rules) << format_instant({now});
  std::size_t next = i + 1;
  while (next < expected.at.size() && expected.answers[next].effect == decision.effect) ++next;
  if (next < expected.at.size()) {
    ASSERT_EQ(format_instant(decision.until), format_instant({expected.at[next]})) << format_instant({now});
  } else {
    ASSERT_GE(decision.until.unix_s, end) << format_instant({now});
    if (decision.until == base::kEndOfTime) return;
  }
  // What `until` promises, asked of the decision itself.
  ASSERT_NE(decide(rules, world.facts, c, decision.until).effect, decision.effect);
  ASSERT_EQ(decide(rules, world.facts, c, decision.until - base::Seconds{1}).effect, decision.effect);
}

void expect_gate(const pack::RuleSet& rules, const oracle::World& world, Second now) {
  const GateState gate = gate_state(rules, world.facts, Instant{now});
  Instant until = base::kEndOfTime;
  for (const auto c : model::kMessageClasses) {
    const model::Decision decision = decide(rules, world.facts, c, Instant{now});
    ASSERT_EQ(gate.effects[static_cast<std::size_t>(c)], decision.effect);
    until = std::min(until, decision.until);
  }
  ASSERT_EQ(gate.until, until);
}

// A forecast says what decide and gate_state say, at every instant that it covers, the seconds around its stretches'
// changes among them.
void expect_forecast(const std::shared_ptr<const pack::RuleSet>& rules, const oracle::World& world,
                     const Forecast::Extent& extent, Second begin, std::mt19937_64& random) {
  Answers answers(rules);
  const Forecast forecast(answers, world.facts, Instant{begin}, extent);
  ASSERT_TRUE(forecast.covers(Instant{begin}));
  ASSERT_FALSE(forecast.covers(forecast.end()));
  ASSERT_LE(forecast.end() - forecast.begin(), extent.reach);
  const auto at = [&](Instant now) {
    for (const auto c : model::kMessageClasses) {
      const Verdict verdict = forecast.at(c, now);
      ASSERT_EQ(decision_of(verdict), decide(*rules, world.facts, c, now)) << format_instant(now);
    }
    ASSERT_EQ(forecast.gate_at(now), gate_state(*rules, world.facts, now)) << format_instant(now);
  };
  std::uniform_int_distribution<Second> any(begin, forecast.end().unix_s - 1);
  std::vector<Instant> asked{Instant{begin}, forecast.end() - base::Seconds{1}, Instant{any(random)}};
  const Instant change = forecast.gate_at(Instant{any(random)}).until;
  if (forecast.covers(change)) asked.insert(asked.end(), {change, change - base::Seconds{1}});
  for (const Instant now : asked) ASSERT_NO_FATAL_FAILURE(at(now));
}

void check_world(std::mt19937_64& random) {
  const oracle::World world = oracle::random_world(random);
  std::string text;
  const auto rules = load(world, text);
  ASSERT_NE(rules, nullptr) << text;
  SCOPED_TRACE(text + describe(world.facts));
  const auto roll = [&](Second low, Second high) { return std::uniform_int_distribution<Second>(low, high)(random); };
  const Second begin = world.around - roll(0, 5 * 86400);
  const Second end = begin + roll(3600, 8 * 86400);
  const oracle::Reading reading(world);
  for (const auto c : model::kMessageClasses) {
    Expected expected{reading.candidates(begin, end), {}};
    for (const Second t : expected.at) expected.answers.push_back(reading.at(t, static_cast<std::size_t>(c)));
    ASSERT_NO_FATAL_FAILURE(expect_timeline(*rules, world, c, begin, end, expected));
    for (int n = 0; n < 3; ++n) {
      const auto i = static_cast<std::size_t>(roll(0, static_cast<Second>(expected.at.size()) - 1));
      const Second last = (i + 1 < expected.at.size() ? expected.at[i + 1] : end) - 1;
      ASSERT_NO_FATAL_FAILURE(expect_decision(*rules, world, c, expected, i, roll(expected.at[i], last), end));
    }
  }
  ASSERT_NO_FATAL_FAILURE(expect_gate(*rules, world, roll(begin, end)));
  const Forecast::Extent extent{static_cast<std::size_t>(roll(1, 12)), base::Seconds{roll(1, 9 * 86400)}};
  ASSERT_NO_FATAL_FAILURE(expect_forecast(rules, world, extent, begin, random));
}

TEST(Oracle, AgreesOnRandomWorlds) {
  const std::uint64_t cases = base::from_environment("FEIERABEND_ORACLE_CASES", 2000);
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ORACLE_SEED");
  std::printf("oracle: %llu cases, seed %llu\n", static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(seed));
  for (std::uint64_t i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + i);
    SCOPED_TRACE("FEIERABEND_ORACLE_CASES=1 FEIERABEND_ORACLE_SEED=" + std::to_string(seed + i));
    ASSERT_NO_FATAL_FAILURE(check_world(random));
  }
}

}  // namespace
}  // namespace policy::decide
