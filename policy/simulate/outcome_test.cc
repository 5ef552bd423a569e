#include "policy/simulate/outcome.h"

#include <gtest/gtest.h>

namespace policy::simulate {
namespace {

using base::Instant;
using base::Seconds;
using model::RosterKind;

Instant at(const char* text) { return base::parse_instant(text).value(); }

std::shared_ptr<const pack::RuleSet> rest_of(const std::string& minimum, const std::string& alarm) {
  const std::vector<pack::PackSource> sources{
      {"p",
       "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\n[[rest]]\nid = \"r\"\n"
       "kind = \"after-duty\"\nminimum = \"" +
           minimum + "\"\neffect = { alarm = \"" + alarm + "\" }\n"}};
  return pack::load_packs(sources).value();
}

TEST(Outcome, CountsHoursAndInterruptions) {
  const auto before = rest_of("9h", "deliver"), after = rest_of("11h", "hold");
  const base::Interval span{at("2026-06-01T00:00:00Z"), at("2026-06-03T00:00:00Z")};
  Counter counter(*before, *after, span);
  model::PersonFacts facts;
  facts.roster = {{RosterKind::kDuty, {at("2026-06-01T06:00:00Z"), at("2026-06-01T14:00:00Z")}}};
  facts.interruptions = {{{at("2026-06-01T13:00:00Z"), at("2026-06-01T13:05:00Z")}},   // on duty: passes either way
                         {{at("2026-06-01T20:00:00Z"), at("2026-06-01T20:05:00Z")}},   // would have waited
                         {{at("2026-06-04T20:00:00Z"), at("2026-06-04T20:05:00Z")}}};  // another time
  const Outcome out = counter.outcome_of(facts, 3);
  EXPECT_EQ(out.unit, 3U);
  EXPECT_EQ(out.closed[before_of(0)], Seconds{15 * 3600});  // 14:00 to 20:00, and nine hours from then on
  EXPECT_EQ(out.closed[after_of(0)], Seconds{17 * 3600});
  EXPECT_EQ(out.closed[before_of(3)], Seconds{0});
  EXPECT_EQ(out.closed[after_of(3)], Seconds{17 * 3600});
  EXPECT_EQ(out.interruptions, 2U);
  EXPECT_EQ(out.avoided, 1U);
  EXPECT_FALSE(out.known[before_of(0)]);
  EXPECT_TRUE(out.known[before_of(3)]);
}

TEST(Outcome, WhoHasNoRosterHidesNobody) {
  const auto before = rest_of("9h", "deliver"), after = rest_of("11h", "hold");
  Counter counter(*before, *after, {at("2026-06-01T00:00:00Z"), at("2026-06-03T00:00:00Z")});
  const Outcome out = counter.outcome_of({}, 0);
  for (const bool known : out.known) EXPECT_TRUE(known);
}

}  // namespace
}  // namespace policy::simulate
