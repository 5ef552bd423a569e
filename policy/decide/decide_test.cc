#include "policy/decide/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace policy::decide {
namespace {

using base::Instant;
using model::Effect;
using model::MessageClass;
using model::RosterKind;
using testing::ElementsAre;
using testing::IsEmpty;

Instant at(const char* text) { return base::parse_instant(text).value(); }

std::shared_ptr<const pack::RuleSet> rules(const std::string& lines) {
  const std::vector<pack::PackSource> sources{
      {"p", "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n" +
                lines}};
  auto loaded = pack::load_packs(sources);
  if (!loaded) throw std::runtime_error(to_string(loaded.error().front()));
  return *loaded;
}

model::RosterEntry entry(RosterKind kind, const char* begin, const char* end) { return {kind, {at(begin), at(end)}}; }

const std::string kNight =
    "[[rest]]\nid = \"night\"\nkind = \"window\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", "
    "\"sun\", "
    "\"holiday\"]\nfrom = 20:00:00\nto = 07:00:00\n";
const std::string kOffDuty = "[[rest]]\nid = \"off\"\nkind = \"off-duty\"\neffect = { alarm = \"silent\" }\n";

TEST(Decide, WithoutRulesEverythingPassesForEver) {
  const auto decision = decide(*rules(""), {}, MessageClass::kRoutine, at("2026-06-01T00:00:00Z"));
  EXPECT_EQ(decision, (model::Decision{Effect::kDeliver, {}, base::kEndOfTime}));
}

TEST(Decide, TheNightOfTheClockChangeIsTenHoursLong) {
  const auto line =
      timeline(*rules(kNight), {}, MessageClass::kRoutine, {at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")});
  ASSERT_EQ(line.size(), 3U);
  EXPECT_EQ(line[1].span, (base::Interval{at("2026-03-28T19:00:00Z"), at("2026-03-29T05:00:00Z")}));
  EXPECT_EQ(line[1].span.end - line[1].span.begin, base::Seconds{10 * 3600});
}

TEST(Decide, WhoNeverWorksIsClosedForEver) {
  const auto both = rules(kNight + kOffDuty);
  const auto decision = decide(*both, {}, MessageClass::kRoutine, at("2026-06-01T12:00:00Z"));
  EXPECT_EQ(decision.effect, Effect::kHold);
  EXPECT_THAT(decision.rules, ElementsAre("off"));
  EXPECT_EQ(decision.until, base::kEndOfTime);
}

TEST(Decide, TheStrongestEffectIsNamedAlone) {
  const auto both = rules(kNight + kOffDuty);
  const auto day = decide(*both, {}, MessageClass::kAlarm, at("2026-06-01T12:00:00Z"));
  EXPECT_EQ(day, (model::Decision{Effect::kSilent, {"off"}, at("2026-06-01T18:00:00Z")}));
  const auto night = decide(*both, {}, MessageClass::kAlarm, at("2026-06-01T18:00:00Z"));
  EXPECT_EQ(night, (model::Decision{Effect::kHold, {"night"}, at("2026-06-02T05:00:00Z")}));
}

TEST(Decide, AnExceptionPiercesOnlyItsClassesAndOnlyOnCall) {
  const auto set =
      rules(kNight + "[[exception]]\nid = \"e\"\nwhen = \"on-call\"\npierces = [\"night\"]\nclasses = [\"urgent\"]\n");
  model::PersonFacts facts;
  facts.roster = {entry(RosterKind::kOnCall, "2026-06-01T20:00:00Z", "2026-06-01T22:00:00Z")};
  const auto urgent = [&](const char* t) { return decide(*set, facts, MessageClass::kUrgent, at(t)); };
  EXPECT_EQ(urgent("2026-06-01T19:59:59Z"), (model::Decision{Effect::kHold, {"night"}, at("2026-06-01T20:00:00Z")}));
  EXPECT_EQ(urgent("2026-06-01T20:00:00Z"), (model::Decision{Effect::kDeliver, {}, at("2026-06-01T22:00:00Z")}));
  EXPECT_EQ(urgent("2026-06-01T22:00:00Z").effect, Effect::kHold);
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-01T21:00:00Z")).effect, Effect::kHold);
}

TEST(Decide, GroupsDecideWhomARuleIsFor) {
  const auto set = rules("[[rest]]\nid = \"r\"\nkind = \"off-duty\"\napplies = { groups = [\"wache\"] }\n");
  model::PersonFacts facts;
  facts.groups = {"stab"};
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-01T12:00:00Z")).effect, Effect::kDeliver);
  facts.groups = {"stab", "wache"};
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-01T12:00:00Z")).effect, Effect::kHold);
}

TEST(Decide, FactsThatCannotBeEvaluatedHold) {
  model::PersonFacts facts;
  facts.roster = {entry(RosterKind::kDuty, "2026-06-01T14:00:00Z", "2026-06-01T06:00:00Z")};
  const auto set = rules(kNight + kOffDuty);
  const auto decision = decide(*set, facts, MessageClass::kRoutine, at("2026-06-01T12:00:00Z"));
  EXPECT_EQ(decision, (model::Decision{Effect::kHold, {"night", "off"}, base::kEndOfTime}));
  EXPECT_EQ(gate_state(*set, facts, at("2026-06-01T12:00:00Z")).effects[0], Effect::kHold);
  const auto line =
      timeline(*set, facts, MessageClass::kRoutine, {at("2026-06-01T00:00:00Z"), at("2026-06-02T00:00:00Z")});
  ASSERT_EQ(line.size(), 1U);
  EXPECT_EQ(line[0].effect, Effect::kHold);
}

TEST(Decide, CoreHoursCountOnlyInWeeksWithoutAnyEntry) {
  const auto set = rules(kOffDuty + "[schedule]\ndays = [\"mon\"]\nfrom = 08:00:00\nto = 16:00:00\n");
  model::PersonFacts facts;
  facts.roster = {entry(RosterKind::kSick, "2026-06-07T21:59:59Z", "2026-06-07T22:00:00Z")};  // last second of the week
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-01T10:00:00Z")).until, at("2026-06-08T06:00:00Z"));
  facts.roster = {entry(RosterKind::kSick, "2026-06-07T22:00:00Z", "2026-06-07T22:00:01Z")};  // first of the next
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-01T05:00:00Z")).until, at("2026-06-01T06:00:00Z"));
}

TEST(Decide, LooksFarAheadWhereItMust) {
  // Open only on public holidays, which are not their weekdays.
  const auto set = rules(
      "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", "
      "\"sun\"]\n"
      "from = 00:00:00\nto = 00:00:00\n");
  const auto decision = decide(*set, {}, MessageClass::kRoutine, at("2026-01-02T12:00:00Z"));
  EXPECT_EQ(decision.until, at("2026-04-02T22:00:00Z"));  // Good Friday
  const auto closed = rules(
      "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", "
      "\"holiday\"]\nfrom = 00:00:00\nto = 00:00:00\n");
  EXPECT_EQ(decide(*closed, {}, MessageClass::kRoutine, at("2026-01-02T12:00:00Z")).until, base::kEndOfTime);
}

TEST(Decide, TheEndsOfTimeAreNoTrap) {
  const auto set = rules(kNight + kOffDuty + "[schedule]\ndays = [\"mon\"]\nfrom = 08:00:00\nto = 16:00:00\n");
  for (const Instant t : {base::kBeginningOfTime, base::kEndOfTime - base::Seconds{1}}) {
    EXPECT_EQ(decide(*set, {}, MessageClass::kRoutine, t).effect, Effect::kHold);
    EXPECT_GT(gate_state(*set, {}, t).until, t);
  }
  model::PersonFacts facts;
  facts.roster = {{RosterKind::kDuty, {base::kBeginningOfTime, base::kEndOfTime}}};
  EXPECT_EQ(decide(*set, facts, MessageClass::kAlarm, at("2026-06-01T12:00:00Z")).effect, Effect::kDeliver);
}

TEST(Timeline, CoversTheSpanWithoutGaps) {
  const base::Interval span{at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z")};
  const auto line = timeline(*rules(kNight), {}, MessageClass::kRoutine, span);
  ASSERT_FALSE(line.empty());
  EXPECT_EQ(line.front().span.begin, span.begin);
  EXPECT_EQ(line.back().span.end, span.end);
  EXPECT_EQ(line.size(), 2U * 3653 + 1);
  for (std::size_t i = 1; i < line.size(); ++i) {
    EXPECT_EQ(line[i - 1].span.end, line[i].span.begin);
    EXPECT_NE(line[i - 1].effect, line[i].effect);
  }
  EXPECT_THAT(timeline(*rules(kNight), {}, MessageClass::kRoutine, {span.end, span.begin}), IsEmpty());
}

}  // namespace
}  // namespace policy::decide
