#include "policy/prove/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace policy::prove {
namespace {

using base::Instant;
using base::Interval;
using base::kHour;
using base::Seconds;
using model::RosterKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kPack =
    "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n";
// The pack that looks like eleven hours and is not.
const std::string kWindow =
    "[[rest]]\nid = \"night\"\nkind = \"window\"\nfrom = 20:00:00\nto = 07:00:00\n"
    "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"]\n";
const std::string kRest = "[[rest]]\nid = \"rest\"\nkind = \"after-duty\"\nminimum = \"11h\"\n";
const std::string kEleven =
    "[[claim]]\nid = \"eleven\"\nkind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = [\"routine\"]\n";

Instant at(const char* text) { return base::parse_instant(text).value(); }

std::shared_ptr<const pack::RuleSet> load(const std::vector<std::string>& packs) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : packs) sources.push_back({"pack" + std::to_string(sources.size() + 1), toml});
  const auto loaded = pack::load_packs(sources);
  if (loaded) return *loaded;
  ADD_FAILURE() << to_string(loaded.error().front());
  return nullptr;
}

// Eight hours of duty from eight o'clock in Berlin on each of these dates.
model::PersonFacts day_worker(const std::string& person, time::LocalDate first, int days) {
  const auto zone = time::Zone::find("Europe/Berlin").value();
  model::PersonFacts facts{person, {}, {}, {}, {}, {}};
  for (int i = 0; i < days; ++i) {
    const Instant begin = zone.first_reading(first + i, {8 * 3600});
    facts.roster.push_back({RosterKind::kDuty, {begin, zone.first_reading(first + i, {16 * 3600})}});
  }
  return facts;
}

const Interval kSpring{at("2026-03-20T00:00:00Z"), at("2026-04-03T00:00:00Z")};

Report swept(const std::shared_ptr<const pack::RuleSet>& rules, const std::vector<model::PersonFacts>& people,
             Interval span) {
  const auto plan = Plan::make(rules, span, "");
  EXPECT_TRUE(plan);
  Tally tally(**plan);
  for (const model::PersonFacts& person : people) tally.add(person);
  return report_of(*rules, **plan, tally);
}

TEST(Sweep, AWindowOfElevenHoursHasTenOnTheNightOfTheClockChange) {
  const auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 14);
  const Report report = swept(load({kPack + kWindow + kEleven}), {facts}, kSpring);
  const ClaimReport& claim = report.claims.front();
  EXPECT_EQ(claim.verdict, Verdict::kFails);
  EXPECT_FALSE(report.ok());
  ASSERT_THAT(claim.counterexamples, SizeIs(1));
  const Counterexample& one = claim.counterexamples.front();
  EXPECT_EQ(one.person, "anna");
  EXPECT_EQ(one.shortfall.found, (Interval{at("2026-03-28T20:00:00+01:00"), at("2026-03-29T07:00:00+02:00")}));
  EXPECT_EQ(one.shortfall.found.end - one.shortfall.found.begin, Seconds{10 * 3600});
  EXPECT_THAT(one.rules, ElementsAre("night"));
  EXPECT_EQ(claim.places, 14U);
  EXPECT_THAT(report.clock_changes, ElementsAre(at("2026-03-29T01:00:00Z")));
}

TEST(Sweep, ElapsedTimeHoldsOnThatNight) {
  const auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 14);
  const Report report = swept(load({kPack + kRest + kEleven}), {facts}, kSpring);
  EXPECT_EQ(report.claims.front().verdict, Verdict::kHolds);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.duties, 14U);
  EXPECT_EQ(report.rests.front().closed, Seconds{14 * 11 * 3600 - 3600});  // the last one reaches beyond the span
}

TEST(Sweep, ARuleThatTheSweepDidNotSeeIsNoProof) {
  const auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 14);
  const auto all = load({kPack + kRest + kWindow + kEleven});
  const auto hidden = load({kPack + kRest + kEleven});
  const auto plan = Plan::make(hidden, kSpring, "");
  Tally tally(**plan);
  tally.add(facts);
  EXPECT_TRUE(report_of(*hidden, **plan, tally).ok());
  const Report report = report_of(*all, **plan, tally);
  EXPECT_FALSE(report.ok());
  ASSERT_THAT(report.rests, SizeIs(2));
  EXPECT_EQ(report.rests[0].id, "night");
  EXPECT_FALSE(report.rests[0].covered);
  EXPECT_TRUE(report.rests[1].covered);
}

TEST(Sweep, WhatNeverWasInForceIsNotCovered) {
  const std::string on_call =
      "[[exception]]\nid = \"on-call\"\nwhen = \"on-call\"\npierces = [\"rest\"]\nclasses = [\"urgent\"]\n";
  const auto rules = load({kPack + kRest + on_call + kEleven});
  auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 14);
  const Report without = swept(rules, {facts}, kSpring);
  EXPECT_EQ(without.claims.front().verdict, Verdict::kHolds);
  EXPECT_FALSE(without.ok());
  EXPECT_FALSE(without.exceptions.front().covered);
  const Instant evening = facts.roster.front().span.end;
  facts.roster.insert(facts.roster.begin() + 1, {RosterKind::kOnCall, {evening, evening + kHour}});
  const Report with = swept(rules, {facts}, kSpring);
  EXPECT_TRUE(with.ok());
  EXPECT_EQ(with.exceptions.front().closed, kHour);
}

TEST(Sweep, ARosterThatBreaksTheLawIsReportedAsSuch) {
  auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 2);
  const Instant evening = facts.roster[0].span.end;
  facts.roster.insert(facts.roster.begin() + 1,
                      {RosterKind::kDuty, {evening + Seconds{2 * 3600}, evening + Seconds{4 * 3600}}});
  facts.roster[2].span.begin = evening + Seconds{16 * 3600};
  const Report report = swept(load({kPack + kRest + kEleven}), {facts}, kSpring);
  const ClaimReport& claim = report.claims.front();
  EXPECT_EQ(claim.verdict, Verdict::kHolds);
  EXPECT_EQ(claim.failures, 0U);
  EXPECT_EQ(claim.roster_breaches, 1U);
  ASSERT_THAT(claim.breaches, SizeIs(1));
  EXPECT_EQ(claim.breaches[0].shortfall.cause, Cause::kRoster);
  EXPECT_EQ(claim.breaches[0].shortfall.found, (Interval{evening, evening + Seconds{2 * 3600}}));
  EXPECT_EQ(claim.breaches[0].shortfall.before, facts.roster[0].span);
  EXPECT_EQ(claim.breaches[0].shortfall.after, facts.roster[1].span);
}

TEST(Sweep, AnInterruptionBreaksARestThatDoesNotRestart) {
  auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 1);
  const Instant night = facts.roster[0].span.end + Seconds{5 * 3600};
  facts.interruptions = {{{night, night + Seconds{600}}}};
  const std::string never = kRest + "restart = \"never\"\n";
  const auto verdict = [&](const std::string& pack) {
    return swept(load({pack}), {facts}, kSpring).claims.front().verdict;
  };
  EXPECT_EQ(verdict(kPack + kRest + kEleven), Verdict::kHolds);
  EXPECT_EQ(verdict(kPack + never + kEleven), Verdict::kFails);
  EXPECT_EQ(verdict(kPack + never + kEleven + "restart = \"never\"\n"), Verdict::kHolds);
  EXPECT_EQ(verdict(kPack + never + kEleven + "restart = \"longer-than:10m\"\n"), Verdict::kHolds);
  EXPECT_EQ(verdict(kPack + never + kEleven + "restart = \"longer-than:9m\"\n"), Verdict::kFails);
}

TEST(Sweep, WhatOpensByChoiceIsNamedAndLeftOut) {
  const std::string override =
      "[[exception]]\nid = \"override\"\nwhen = \"override\"\npierces = [\"rest\"]\nclasses = [\"routine\"]\n"
      "role = \"leitung\"\nreasons = [\"grosslage\"]\nlongest = \"4h\"\nlimit = { count = 2, per = \"week\" }\n";
  auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 3);
  const Instant evening = facts.roster[0].span.end;
  facts.overrides = {{"override", "leitung", "grosslage", {evening, evening + kHour}}};
  const Report report = swept(load({kPack + kRest + override + kEleven}), {facts}, kSpring);
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(report.claims.front().suspended_by, ElementsAre("override"));
  EXPECT_THAT(report.exceptions, IsEmpty());
}

TEST(Sweep, AnAdaptedRuleProtectsLessThanTheLawAlone) {
  const std::string law =
      "[pack]\nid = \"law\"\nlayer = \"law\"\nversion = 1\n" + kRest + "adaptable = { minimum = \"9h\" }\n";
  const std::string compared = "[[claim]]\nid = \"c\"\nkind = \"at-least-as-protective-as\"\nthan = \"law\"\n";
  const std::string adapt = "[[adapt]]\nrule = \"rest\"\nminimum = \"10h\"\ncite = \"§ 7\"\n";
  const auto facts = day_worker("anna", time::date_of({2026, 3, 20}), 3);
  EXPECT_TRUE(swept(load({law, kPack + compared}), {facts}, kSpring).ok());
  const Report report = swept(load({law, kPack + adapt + compared}), {facts}, kSpring);
  ASSERT_THAT(report.claims.front().counterexamples, SizeIs(3));
  const Instant end = facts.roster[0].span.end;
  EXPECT_EQ(report.claims.front().counterexamples[0].shortfall.period,
            (Interval{end + Seconds{10 * 3600}, end + Seconds{11 * 3600}}));
}

TEST(Sweep, NothingToCheckIsNoProof) {
  const Report report = swept(load({kPack + kRest + kEleven}), {{"anna", {}, {}, {}, {}, {}}}, kSpring);
  EXPECT_EQ(report.claims.front().verdict, Verdict::kNotProven);
  EXPECT_EQ(report.claims.front().reason.code, "prove.nothing-checked");
  EXPECT_EQ(Plan::make(load({kPack + kRest}), kSpring, "").error().code, "prove.no-claims");
  EXPECT_EQ(Plan::make(load({kPack + kRest + kEleven}), kSpring, "elevn").error().remedy, "did you mean 'eleven'?");
}

TEST(Sweep, TheOrderOfMergingChangesNothing) {
  const auto rules = load({kPack + kWindow + kEleven});
  const auto plan = Plan::make(rules, {at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z")}, "");
  std::vector<model::PersonFacts> people;
  for (const char* name : {"carla", "anna", "bernd"})
    people.push_back(day_worker(name, time::date_of({2026, 1, 1}), 3000));
  std::vector<Tally> one;
  for (int i = 0; i < 3; ++i) one.emplace_back(**plan);
  for (std::size_t i = 0; i < 3; ++i) one[i].add(people[i]);
  Tally forwards(**plan), backwards(**plan), together(**plan);
  for (std::size_t i = 0; i < 3; ++i) {
    forwards.merge(one[i]);
    backwards.merge(one[2 - i]);
    together.add(people[i]);
  }
  const auto names = [&](const Tally& tally) {
    std::vector<std::string> out;
    const Report report = report_of(*rules, **plan, tally);
    for (const Counterexample& c : report.claims.front().counterexamples)
      out.push_back(c.person + base::format_instant(c.shortfall.period.begin));
    return out;
  };
  EXPECT_THAT(names(forwards), SizeIs(kCounterexamplesMax));
  EXPECT_EQ(names(forwards), names(backwards));
  EXPECT_EQ(names(forwards), names(together));
  EXPECT_EQ(names(forwards).front().substr(0, 4), "anna");
}

}  // namespace
}  // namespace policy::prove
