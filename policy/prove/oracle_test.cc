// The sweep against a reading minute by minute: whether each minute is quiet or worked is asked of decide's oracle, and
// the claims are counted on arrays of minutes. FEIERABEND_ORACLE_CASES and FEIERABEND_ORACLE_SEED set size and seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "policy/base/testing/seed.h"
#include "policy/decide/oracle.h"
#include "policy/prove/sweep.h"

namespace policy::prove {
namespace {

using base::Instant;
using decide::oracle::Reading;
using decide::oracle::Second;
using decide::oracle::World;

struct Asked {
  std::string kind;
  int minimum = 0;  // minutes
  std::string restart = "always";
  int threshold = 0;
  std::string during = "absence";
  std::array<bool, 4> classes{};
  int than = 0;
};

struct Counts {
  std::uint64_t failures = 0, roster = 0, interrupted = 0;
  bool operator==(const Counts&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Counts& c) {
  return out << c.failures << " failures, " << c.roster << " of the roster, " << c.interrupted << " interrupted";
}

constexpr int kDay = 1440;
constexpr int kBegins = 13 * 60;

// Everything by minute, from `begin` on.
struct Minutes {
  std::vector<bool> quiet, working, absent, broken, weaker;
  int span = 0;  // the first minutes, in which duties must end or begin to be looked at
};

int next(const std::vector<bool>& flags, int from) {
  while (from < static_cast<int>(flags.size()) && !flags[static_cast<std::size_t>(from)]) ++from;
  return from;
}

bool at(const std::vector<bool>& flags, int minute) { return flags[static_cast<std::size_t>(minute)]; }

Counts after_duty(const Minutes& m, int minimum) {
  Counts counts;
  for (int end = 1; end < m.span; ++end) {
    if (!at(m.working, end - 1) || at(m.working, end)) continue;
    const int limit = next(m.working, end), size = static_cast<int>(m.working.size());
    int anchor = end;
    bool kept = false, again = true;
    while (again && !kept) {
      again = false;
      for (int s = anchor; s <= anchor + kBegins && s < limit && !kept; ++s) {
        if (!at(m.quiet, s) || (s > anchor && at(m.quiet, s - 1))) continue;
        int run = 0;
        while (s + run < limit && at(m.quiet, s + run) && (run == 0 || !at(m.broken, s + run))) ++run;
        kept = run >= minimum;
        if (kept || s + run >= limit || !at(m.quiet, s + run)) continue;
        anchor = s + run;
        again = true;
        break;
      }
    }
    if (kept) continue;
    const bool last = limit >= size;
    if (!last && limit - end < minimum)
      ++counts.roster;
    else if (!last && limit - anchor < minimum)
      ++counts.interrupted;
    else
      ++counts.failures;
  }
  return counts;
}

void judge(const Minutes& m, int from, int to, int minimum, Counts& counts) {
  int free = 0, unbroken = 0, quiet = 0, most_free = 0, most_unbroken = 0, most_quiet = 0;
  for (int t = from; t < to; ++t) {
    const bool idle = !at(m.working, t);
    if (at(m.broken, t)) unbroken = quiet = 0;
    free = idle ? free + 1 : 0;
    unbroken = idle ? unbroken + 1 : 0;
    quiet = idle && at(m.quiet, t) ? quiet + 1 : 0;
    most_free = std::max(most_free, free);
    most_unbroken = std::max(most_unbroken, unbroken);
    most_quiet = std::max(most_quiet, quiet);
  }
  if (most_quiet >= minimum) return;
  if (most_free < minimum)
    ++counts.roster;
  else if (most_unbroken < minimum)
    ++counts.interrupted;
  else
    ++counts.failures;
}

Counts per_day(const Minutes& m, int minimum) {
  Counts counts;
  for (int begin = 1; begin < m.span; ++begin)
    if (!at(m.working, begin - 1) && at(m.working, begin)) judge(m, begin, begin + kDay, minimum, counts);
  return counts;
}

std::uint64_t runs(const std::vector<bool>& flags, int span) {
  std::uint64_t found = 0;
  for (int t = 0; t < span; ++t) found += at(flags, t) && (t == 0 || !at(flags, t - 1)) ? 1U : 0U;
  return found;
}

Counts never(const Minutes& m, const std::string& during) {
  std::vector<bool> loud(m.quiet.size());
  for (std::size_t i = 0; i < loud.size(); ++i)
    loud[i] = !m.quiet[i] && (during == "always" || (during == "absence" ? m.absent[i] : !m.working[i]));
  return {runs(loud, m.span), 0, 0};
}

// Facts on whole minutes, nothing that somebody opens by choice.
void simplify(World& world) {
  const auto round = [](base::Interval& span) {
    span.begin.unix_s -= span.begin.unix_s % 60;
    span.end.unix_s -= span.end.unix_s % 60;
  };
  for (auto& entry : world.facts.roster) round(entry.span);
  for (auto& entry : world.facts.interruptions) round(entry.span);
  world.facts.overrides.clear();
  world.facts.self_openings.clear();
}

// Somebody is called out in each rest: rosters drawn from a hat almost never show it.
void interrupt_rests(World& world, int after_min, int minutes) {
  for (const auto& entry : world.facts.roster) {
    const base::Instant begin{entry.span.end.unix_s + 60LL * after_min};
    world.facts.interruptions.push_back({{begin, {begin.unix_s + 60LL * minutes}}});
  }
  std::ranges::sort(world.facts.interruptions, {}, [](const auto& entry) { return entry.span.begin; });
}

World of_layer(const World& world, int layer) {
  World alone = world;
  std::erase_if(alone.rules, [&](const auto& rule) { return rule.layer != layer; });
  std::erase_if(alone.exceptions, [&](const auto& exception) { return exception.layer != layer; });
  return alone;
}

Minutes minutes_of(const World& world, const Asked& asked, Second begin, int span, int reach) {
  Minutes m;
  m.span = span;
  const World one_layer = of_layer(world, asked.than);  // a reading refers to its world
  const Reading reading(world), alone(one_layer);
  for (int i = 0; i < reach; ++i) {
    const Second t = begin + 60LL * i;
    bool quiet = true, weaker = false, absent = false, broken = false;
    for (std::size_t c = 0; c < 4; ++c) {
      if (!asked.classes[c]) continue;
      const auto effect = reading.at(t, c).effect;
      quiet &= effect != model::Effect::kDeliver;
      if (asked.kind == "at-least-as-protective-as") weaker |= effect < alone.at(t, c).effect;
    }
    for (const auto& entry : world.facts.roster) {
      const bool absence = entry.kind == model::RosterKind::kLeave || entry.kind == model::RosterKind::kSick;
      absent |= absence && entry.span.contains({t});
    }
    for (const auto& entry : world.facts.interruptions) {
      const bool long_enough =
          asked.restart == "always" || (entry.span.end - entry.span.begin).count > 60LL * asked.threshold;
      broken |= asked.restart != "never" && long_enough && entry.span.begin == Instant{t};
    }
    m.quiet.push_back(quiet);
    m.working.push_back(reading.working(t));
    m.absent.push_back(absent);
    m.broken.push_back(broken);
    m.weaker.push_back(weaker);
  }
  return m;
}

std::string claim_toml(const Asked& asked) {
  std::string out = "[[claim]]\nid = \"claim\"\nkind = \"" + asked.kind + "\"\nclasses = [";
  constexpr std::array kNames{"routine", "shift-notice", "urgent", "alarm"};
  for (std::size_t c = 0; c < 4; ++c)
    if (asked.classes[c]) out += "\"" + std::string(kNames[c]) + "\", ";
  out += "]\n";
  if (asked.kind.starts_with("rest-")) {
    out += "minimum = \"" + std::to_string(asked.minimum) + "m\"\nrestart = \"" + asked.restart +
           (asked.restart == "longer-than" ? ":" + std::to_string(asked.threshold) + "m" : "") + "\"\n";
  }
  if (asked.kind == "never-delivers") out += "during = \"" + asked.during + "\"\n";
  if (asked.kind == "at-least-as-protective-as") out += "than = \"pack" + std::to_string(asked.than) + "\"\n";
  return out;
}

Second monday_after(Second t) {
  Second day = t / 86400 + 1;
  while ((day + 3) % 7 != 0) ++day;
  return day;
}

// Midnight in Berlin.
Second midnight(Second day) {
  const Second noon = day * 86400 + 12 * 3600;
  for (int year = 2024; year <= 2029; ++year)
    if (noon > decide::oracle::change(year, 3) && day * 86400 - 7200 < decide::oracle::change(year, 10))
      if (noon < decide::oracle::change(year, 10) + 12 * 3600 && day * 86400 > decide::oracle::change(year, 3))
        return day * 86400 - 7200;
  return day * 86400 - 3600;
}

Counts brute(const World& world, const Asked& asked, Second begin, int span) {
  if (asked.kind == "rest-per-week") {
    Counts counts;
    for (Second day = monday_after(begin - 86400);; day += 7) {
      if (midnight(day) < begin) continue;
      const Second from = midnight(day), to = midnight(day + 7);
      if (from >= begin + 60LL * span) return counts;
      const Minutes m = minutes_of(world, asked, from, 0, static_cast<int>((to - from) / 60));
      if (next(m.working, 0) < static_cast<int>(m.working.size()))
        judge(m, 0, static_cast<int>(m.working.size()), asked.minimum, counts);
    }
  }
  // A minute earlier, so that a duty that ends or begins with the span is seen to do so.
  if (asked.kind == "rest-after-duty") {
    const int reach = span + 4 * (kBegins + asked.minimum);
    return after_duty(minutes_of(world, asked, begin - 60, span + 1, reach), asked.minimum);
  }
  if (asked.kind == "rest-per-24h")
    return per_day(minutes_of(world, asked, begin - 60, span + 1, span + 1 + kDay), asked.minimum);
  const Minutes m = minutes_of(world, asked, begin, span, span);
  return asked.kind == "never-delivers" ? never(m, asked.during) : Counts{runs(m.weaker, span), 0, 0};
}

Counts swept(const World& world, const Asked& asked, Second begin, int span) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : decide::oracle::packs_of(world))
    sources.push_back({"pack" + std::to_string(sources.size()), toml});
  sources.back().toml += claim_toml(asked);
  const auto rules = pack::load_packs(sources);
  if (!rules) {
    ADD_FAILURE() << to_string(rules.error().front()) << sources.back().toml;
    return {};
  }
  const auto plan = Plan::make(*rules, {{begin}, {begin + 60LL * span}}, "claim");
  Tally tally(**plan);
  tally.add(world.facts);
  const ClaimReport claim = report_of(**rules, **plan, tally).claims.front();
  return {claim.failures, claim.roster_breaches, claim.interrupted};
}

std::string describe(const World& world, const Asked& asked, Second begin, int span) {
  std::string out = claim_toml(asked) + "from " + base::format_instant({begin}) + " to " +
                    base::format_instant({begin + 60LL * span}) + "\n";
  for (const std::string& toml : decide::oracle::packs_of(world)) out += toml + "\n";
  for (const auto& entry : world.facts.roster)
    out += std::string(name_of(entry.kind)) + " " + base::format_instant(entry.span.begin) + " " +
           base::format_instant(entry.span.end) + "\n";
  for (const auto& entry : world.facts.interruptions)
    out += "interruption " + base::format_instant(entry.span.begin) + " " + base::format_instant(entry.span.end) + "\n";
  return out;
}

Counts check_world(std::mt19937_64& random) {
  World world = decide::oracle::random_world(random);
  const auto roll = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  if (roll(0, 3) == 0) interrupt_rests(world, roll(1, 9 * 60), roll(0, 12) * 5);
  simplify(world);
  Asked asked;
  asked.kind = std::array{
      "rest-after-duty", "rest-after-duty", "rest-per-24h",
      "rest-per-week",   "never-delivers",  "at-least-as-protective-as"}[static_cast<std::size_t>(roll(0, 5))];
  asked.minimum = roll(1, asked.kind == "rest-per-24h" ? 28 : 44) * 30;
  asked.restart = std::array{"always", "never", "longer-than"}[static_cast<std::size_t>(roll(0, 2))];
  asked.threshold = roll(0, 6) * 5;
  asked.during = std::array{"absence", "off-duty", "always"}[static_cast<std::size_t>(roll(0, 2))];
  asked.than = roll(0, 3);
  asked.classes[static_cast<std::size_t>(roll(0, 3))] = true;
  if (roll(0, 3) == 0) asked.classes[static_cast<std::size_t>(roll(0, 3))] = true;
  Second begin = world.around - 60LL * roll(0, 6 * kDay);
  begin -= begin % 60;
  const int span = roll(kDay, 7 * kDay);
  const Counts expected = brute(world, asked, begin, span);
  EXPECT_EQ(swept(world, asked, begin, span), expected) << describe(world, asked, begin, span);
  return expected;
}

TEST(Oracle, AgreesMinuteByMinute) {
  const std::uint64_t cases = base::from_environment("FEIERABEND_ORACLE_CASES", 1000);
  const std::uint64_t seed = base::seed_from_environment("FEIERABEND_ORACLE_SEED");
  std::printf("oracle: %llu cases, seed %llu\n", static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(seed));
  Counts sum;
  for (std::uint64_t i = 0; i < cases; ++i) {
    std::mt19937_64 random(seed + i);
    SCOPED_TRACE("FEIERABEND_ORACLE_CASES=1 FEIERABEND_ORACLE_SEED=" + std::to_string(seed + i));
    const Counts counts = check_world(random);
    if (testing::Test::HasFailure()) return;
    sum = {sum.failures + counts.failures, sum.roster + counts.roster, sum.interrupted + counts.interrupted};
  }
  if (cases < 500) return;
  std::printf("failures %llu, rosters %llu, interrupted %llu\n", static_cast<unsigned long long>(sum.failures),
              static_cast<unsigned long long>(sum.roster), static_cast<unsigned long long>(sum.interrupted));
  // Worlds in which nothing ever fails would agree on anything.
  EXPECT_GT(sum.failures, cases / 10);
  EXPECT_GT(sum.roster, cases / 20);
  EXPECT_GT(sum.interrupted, cases / 200);
}

}  // namespace
}  // namespace policy::prove
