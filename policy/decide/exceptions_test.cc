#include "policy/decide/exceptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/decide/decide.h"

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::Decision;
using model::Effect;
using model::MessageClass;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Instant at(const char* text) { return base::parse_instant(text).value(); }
Interval span(const char* begin, const char* end) { return {at(begin), at(end)}; }

std::shared_ptr<const pack::RuleSet> rules(const std::string& lines) {
  const std::vector<pack::PackSource> sources{
      {"p", "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n" +
                lines}};
  auto loaded = pack::load_packs(sources);
  if (!loaded) throw std::runtime_error(to_string(loaded.error().front()));
  return *loaded;
}

// Closed for ever, so that only exceptions open.
const std::string kOff = "[[rest]]\nid = \"off\"\nkind = \"off-duty\"\n";
const std::string kWindow =
    "[[exception]]\nid = \"notice\"\nwhen = \"window\"\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\nfrom = "
    "06:00:00\nto = 20:00:00\npierces = [\"off\"]\nclasses = [\"shift-notice\"]\n";
const std::string kOverride =
    "[[exception]]\nid = \"einsatz\"\nwhen = \"override\"\nrole = \"leitung\"\nreasons = [\"grosslage\"]\nlongest = "
    "\"4h\"\nlimit = { count = 2, per = \"week\" }\npierces = [\"off\"]\nclasses = [\"urgent\"]\n";
const std::string kSelfOpen = "[self_open]\nmax = \"2h\"\n";

model::Override granted(const char* begin, const char* end, const char* reason = "grosslage") {
  return {"einsatz", "leitung", reason, span(begin, end)};
}

std::vector<Interval> opened(const pack::RuleSet& set, const model::PersonFacts& facts, MessageClass c,
                             const Interval& within) {
  std::vector<Interval> found;
  for (const model::Stretch& stretch : timeline(set, facts, c, within))
    if (stretch.effect == Effect::kDeliver) found.push_back(stretch.span);
  return found;
}

TEST(WindowException, LetsAClassPassUntilItsCutOff) {
  const auto set = rules(kOff + kWindow);
  const auto notice = [&](const char* t) { return decide(*set, {}, MessageClass::kShiftNotice, at(t)); };
  // Friday 5 June 2026, then the weekend.
  EXPECT_EQ(notice("2026-06-05T17:59:59Z"), (Decision{Effect::kDeliver, {}, at("2026-06-05T18:00:00Z")}));
  EXPECT_EQ(notice("2026-06-05T18:00:00Z"), (Decision{Effect::kHold, {"off"}, at("2026-06-08T04:00:00Z")}));
  EXPECT_EQ(decide(*set, {}, MessageClass::kRoutine, at("2026-06-05T12:00:00Z")),
            (Decision{Effect::kHold, {"off"}, base::kEndOfTime}));
  // Whit Monday is a holiday and not a Monday.
  EXPECT_EQ(notice("2026-05-24T12:00:00Z").until, at("2026-05-26T04:00:00Z"));
}

TEST(Override, CountsOnlyAsFarAsItsExceptionAdmits) {
  const auto set = rules(kOff + kOverride);
  const Interval week = span("2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z");
  const Interval two_hours = span("2026-06-02T10:00:00Z", "2026-06-02T12:00:00Z");
  model::PersonFacts facts;
  facts.overrides = {granted("2026-06-02T10:00:00Z", "2026-06-02T12:00:00Z")};
  EXPECT_THAT(opened(*set, facts, MessageClass::kUrgent, week), ElementsAre(two_hours));
  EXPECT_THAT(opened(*set, facts, MessageClass::kRoutine, week), IsEmpty());
  for (const auto& wrong : {model::Override{"einsatz", "stab", "grosslage", two_hours},
                            model::Override{"einsatz", "leitung", "langeweile", two_hours},
                            model::Override{"other", "leitung", "grosslage", two_hours}}) {
    facts.overrides = {wrong};
    EXPECT_THAT(opened(*set, facts, MessageClass::kUrgent, week), IsEmpty());
    EXPECT_EQ(counted_part(*set, facts, wrong), std::nullopt);
  }
  facts.overrides = {granted("2026-06-02T10:00:00Z", "2026-06-02T22:00:00Z")};
  EXPECT_THAT(opened(*set, facts, MessageClass::kUrgent, week),
              ElementsAre(span("2026-06-02T10:00:00Z", "2026-06-02T14:00:00Z")));
}

TEST(Override, TheThirdOfAWeekCountsForNothing) {
  const auto set = rules(kOff + kOverride);
  model::PersonFacts facts;
  // The calendar week ends at midnight in Berlin, at 22:00Z.
  facts.overrides = {
      granted("2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z", "langeweile"),
      granted("2026-06-02T08:00:00Z", "2026-06-02T09:00:00Z"), granted("2026-06-03T08:00:00Z", "2026-06-03T09:00:00Z"),
      granted("2026-06-07T21:59:59Z", "2026-06-07T23:00:00Z"), granted("2026-06-07T22:00:00Z", "2026-06-07T22:30:00Z")};
  EXPECT_THAT(opened(*set, facts, MessageClass::kUrgent, span("2026-06-01T00:00:00Z", "2026-06-09T00:00:00Z")),
              ElementsAre(facts.overrides[1].span, facts.overrides[2].span, facts.overrides[4].span));
  // A look that begins behind the first two knows of them.
  EXPECT_EQ(decide(*set, facts, MessageClass::kUrgent, at("2026-06-07T21:59:59Z")),
            (Decision{Effect::kHold, {"off"}, at("2026-06-07T22:00:00Z")}));
}

TEST(Override, OfThoseThatBeginTogetherTheShorterComeFirst) {
  const auto set = rules(kOff + kOverride);
  model::PersonFacts facts;
  facts.overrides = {granted("2026-06-02T08:00:00Z", "2026-06-02T11:00:00Z"),
                     granted("2026-06-02T08:00:00Z", "2026-06-02T09:00:00Z"),
                     granted("2026-06-02T08:00:00Z", "2026-06-02T10:00:00Z")};
  EXPECT_THAT(opened(*set, facts, MessageClass::kUrgent, span("2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z")),
              ElementsAre(facts.overrides[2].span));
}

TEST(Override, IsSeenFromAfar) {
  const auto set = rules(kOff + kOverride + kSelfOpen);
  model::PersonFacts overridden, own;
  overridden.overrides = {granted("2029-06-02T08:00:00Z", "2029-06-02T11:00:00Z")};
  own.self_openings = {{span("2029-06-02T08:00:00Z", "2029-06-02T11:00:00Z")}};
  for (const auto& facts : {overridden, own})
    EXPECT_EQ(decide(*set, facts, MessageClass::kUrgent, at("2026-06-01T00:00:00Z")).until, at("2029-06-02T08:00:00Z"));
}

TEST(Override, IsAskedBeforeItIsGranted) {
  const auto set = rules(kOff + kOverride);
  model::PersonFacts facts;
  const auto next = granted("2026-06-04T08:00:00Z", "2026-06-04T20:00:00Z");
  EXPECT_EQ(counted_part(*set, facts, next), span("2026-06-04T08:00:00Z", "2026-06-04T12:00:00Z"));
  facts.overrides = {granted("2026-06-02T08:00:00Z", "2026-06-02T09:00:00Z"),
                     granted("2026-06-03T08:00:00Z", "2026-06-03T08:00:00Z")};  // withdrawn at once, but granted
  EXPECT_EQ(counted_part(*set, facts, next), std::nullopt);
  facts.overrides.pop_back();
  EXPECT_NE(counted_part(*set, facts, next), std::nullopt);
}

TEST(SelfOpening, IsCutAndStaysBelowStrongerLayers) {
  const auto set = rules(kOff + kSelfOpen);
  model::PersonFacts facts;
  facts.self_openings = {{span("2026-06-02T10:00:00Z", "2026-06-02T18:00:00Z")}};
  const Interval day = span("2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z");
  EXPECT_THAT(opened(*set, facts, MessageClass::kRoutine, day),
              ElementsAre(span("2026-06-02T10:00:00Z", "2026-06-02T12:00:00Z")));
  const std::vector<pack::PackSource> sources{
      {"law", "[pack]\nid = \"l\"\nlayer = \"law\"\nversion = 1\n" + kOff},
      {"dv", "[pack]\nid = \"d\"\nlayer = \"agreement\"\nversion = 1\n" + kSelfOpen}};
  EXPECT_THAT(opened(**pack::load_packs(sources), facts, MessageClass::kRoutine, day), IsEmpty());
}

TEST(Exceptions, NeverMoveARest) {
  const auto set = rules("[[rest]]\nid = \"off\"\nkind = \"after-duty\"\nminimum = \"11h\"\n" + kSelfOpen);
  model::PersonFacts facts;
  facts.roster = {{model::RosterKind::kDuty, span("2026-06-02T06:00:00Z", "2026-06-02T14:00:00Z")}};
  facts.self_openings = {{span("2026-06-02T20:00:00Z", "2026-06-02T21:00:00Z")}};
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-02T21:00:00Z")).until, at("2026-06-03T01:00:00Z"));
}

TEST(Exceptions, OnlyThoseThatMatterAreFound) {
  const auto set =
      rules(kOff + kWindow + kOverride + kSelfOpen +
            "[[rest]]\nid = \"wache\"\nkind = \"absence\"\napplies = { groups = [\"wache\"] }\n"
            "[[exception]]\nid = \"x\"\nwhen = \"on-call\"\npierces = [\"wache\"]\nclasses = [\"alarm\"]\n");
  model::PersonFacts facts;
  facts.overrides = {granted("2026-06-02T08:00:00Z", "2026-06-02T09:00:00Z")};
  facts.roster = {{model::RosterKind::kOnCall, span("2026-06-02T06:00:00Z", "2026-06-02T14:00:00Z")}};
  const auto found = exceptions_in_force(Subject(set->rules(), facts),
                                         span("2026-06-02T08:30:00Z", "2026-06-02T08:30:01Z"), pack::ClassSet().set());
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].rule->head.id, "notice");
  EXPECT_EQ(found[1].rule->head.id, "einsatz");
  EXPECT_THAT(found[1].when.intervals(), ElementsAre(span("2026-06-02T08:30:00Z", "2026-06-02T08:30:01Z")));
}

TEST(UnsetRule, HoldsItsClassesForEverAndIsNamed) {
  const auto set = rules(
      "[[parameter]]\nid = \"credit\"\n[[rest]]\nid = \"off\"\nkind = \"after-duty\"\nminimum = \"$credit\"\nunless = "
      "[\"duty\"]\neffect = { urgent = \"silent\", alarm = \"deliver\" }\n" +
      kSelfOpen);
  model::PersonFacts facts;
  facts.roster = {{model::RosterKind::kDuty, span("2026-06-02T06:00:00Z", "2026-06-02T14:00:00Z")}};
  const Decision held{Effect::kHold, {"off"}, base::kEndOfTime};
  for (const char* t : {"2026-06-02T10:00:00Z", "2026-06-02T15:00:00Z", "2030-01-01T00:00:00Z"}) {
    EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at(t)), held);
    EXPECT_EQ(decide(*set, facts, MessageClass::kUrgent, at(t)), held);
    EXPECT_EQ(decide(*set, facts, MessageClass::kAlarm, at(t)).effect, Effect::kDeliver);
  }
  facts.self_openings = {{span("2026-06-02T15:00:00Z", "2026-06-02T16:00:00Z")}};
  EXPECT_EQ(decide(*set, facts, MessageClass::kRoutine, at("2026-06-02T15:00:00Z")),
            (Decision{Effect::kDeliver, {}, at("2026-06-02T16:00:00Z")}));
}

TEST(Exceptions, UnsoundOnesHoldEverything) {
  const auto set = rules(kOff + kOverride + kSelfOpen);
  const Decision held{Effect::kHold, {"off"}, base::kEndOfTime};
  model::PersonFacts backwards, beyond;
  backwards.overrides = {granted("2026-06-02T12:00:00Z", "2026-06-02T10:00:00Z")};
  beyond.self_openings = {{{at("2026-06-02T10:00:00Z"), base::kEndOfTime + Seconds{1}}}};
  for (const auto& facts : {backwards, beyond}) {
    EXPECT_EQ(decide(*set, facts, MessageClass::kUrgent, at("2026-06-02T11:00:00Z")), held);
    EXPECT_EQ(gate_state(*set, facts, at("2026-06-02T11:00:00Z")).effects[2], Effect::kHold);
  }
}

}  // namespace
}  // namespace policy::decide
