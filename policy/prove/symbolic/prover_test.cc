#include "policy/prove/symbolic/prover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "policy/prove/symbolic/calendar.h"

namespace policy::prove::symbolic {
namespace {

using testing::Contains;
using testing::Not;

const std::string kPack =
    "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n";

std::shared_ptr<const pack::RuleSet> load(const std::vector<std::string>& packs) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : packs) sources.push_back({"pack" + std::to_string(sources.size() + 1), toml});
  const auto loaded = pack::load_packs(sources);
  if (loaded) return *loaded;
  ADD_FAILURE() << to_string(loaded.error().front());
  return nullptr;
}

std::string shipped(const std::string& pack) {
  std::ifstream in("rules/packs/" + pack + "/pack.toml", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string rest(const std::string& lines) { return "[[rest]]\nid = \"rest\"\n" + lines; }
std::string claim(const std::string& lines) { return "[[claim]]\nid = \"claim\"\n" + lines; }
const std::string kEleven = claim("kind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = [\"routine\"]\n");

ClaimReport proved(const std::vector<std::string>& packs) {
  const auto report = prove(load(packs), "claim");
  if (!report) {
    ADD_FAILURE() << to_string(report.error());
    return {};
  }
  const ClaimReport& one = report->claims.front();
  EXPECT_EQ(one.verdict == Verdict::kFails, !one.counterexamples.empty());
  return one;
}

const std::string kRest = rest("kind = \"after-duty\"\nminimum = \"11h\"\n");
const std::string kNights =
    "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"]\nfrom = 20:00:00\nto = "
    "07:00:00\n";

// The longest handing over and the longest disturbance that the parties may agree on, with the shortest rest.
constexpr const char* kAgreed = R"toml(
[pack]
id = "agreed"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
[[set]]
parameter = "wechselschicht.rest"
value = "11h"
cite = "x"
[[set]]
parameter = "wechselschicht.handover"
value = "30m"
cite = "x"
[[set]]
parameter = "rufbereitschaft.trivial"
value = "15m"
cite = "x"
[[set]]
parameter = "rufbereitschaft.credit"
value = "15m"
cite = "x"
)toml";

TEST(Symbolic, TheShippedPacksKeepWhatTheyClaim) {
  const std::string arbzg = shipped("arbzg"), dv = shipped("dv-messenger"), eu = shipped("eu-2003-88");
  const std::string arbzvo = shipped("nds-arbzvo"), shifts = shipped("wechselschicht"),
                    calls = shipped("rufbereitschaft");
  const std::vector<std::vector<std::string>> sets{{arbzg},
                                                   {dv},
                                                   {arbzg, dv},
                                                   {eu, dv},
                                                   {arbzvo, dv},
                                                   {shifts},
                                                   {calls},
                                                   {eu, arbzvo, arbzg, dv, shifts, calls},
                                                   {eu, arbzvo, arbzg, dv, shifts, calls, kAgreed}};
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const auto report = prove(load(sets[i]), "");
    ASSERT_TRUE(report) << i;
    for (const ClaimReport& one : report->claims)
      EXPECT_EQ(one.verdict, Verdict::kHolds) << i << " " << one.id << " " << to_string(one.reason);
    EXPECT_TRUE(report->ok()) << i;
  }
}

// The statutes ask for a rest each week, but only an agreement closes it.
TEST(Symbolic, TheWeeklyRestNeedsAnAgreement) {
  for (const auto& [pack, id] :
       {std::pair("eu-2003-88", "eu.claim-weekly"), std::pair("nds-arbzvo", "arbzvo.claim-weekly")}) {
    const auto report = prove(load({shipped(pack)}), id);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->claims.front().verdict, Verdict::kFails) << id;
  }
}

// A quarter of an hour after duty, or before it, is taken from a rest that is not longer than it must be.
TEST(Symbolic, GraceAndLeadAreTakenFromTheRest) {
  std::string graced = shipped("dv-messenger"), early = graced;
  const std::string minimum = "minimum = \"11h\"\n", off_duty = "kind = \"off-duty\"\n";
  graced.insert(graced.find(minimum), "grace = \"15m\"\n");
  graced.insert(graced.find(off_duty), "grace = \"15m\"\n");
  early.insert(early.find(off_duty), "lead = \"15m\"\n");
  const auto daily = prove(load({graced}), "dv.claim-eleven-hours");
  ASSERT_TRUE(daily);
  const ClaimReport& one = daily->claims.front();
  ASSERT_EQ(one.verdict, Verdict::kFails);
  const Counterexample& example = one.counterexamples.front();
  ASSERT_TRUE(example.facts);
  EXPECT_LT((example.shortfall.found.end - example.shortfall.found.begin).count, 11 * 3600);
  EXPECT_THAT(example.rules, Contains("dv.rest"));
  EXPECT_FALSE(daily->ok());
  const auto weekly = prove(load({shipped("eu-2003-88"), early}), "eu.claim-weekly");
  ASSERT_TRUE(weekly);
  EXPECT_EQ(weekly->claims.front().verdict, Verdict::kFails);
}

TEST(Symbolic, AWindowIsNoRestOfElevenHours) {
  EXPECT_EQ(proved({kPack + rest("kind = \"window\"\n" + kNights) + kEleven}).verdict, Verdict::kFails);
}

TEST(Symbolic, ElapsedTimeHoldsForEverybody) { EXPECT_EQ(proved({kPack + kRest + kEleven}).verdict, Verdict::kHolds); }

TEST(Symbolic, InterruptionsOfAnyNumber) {
  const std::string never = kRest + "restart = \"never\"\n", brief = kRest + "restart = \"longer-than:15m\"\n";
  const ClaimReport broken = proved({kPack + never + kEleven});
  ASSERT_EQ(broken.verdict, Verdict::kFails);
  EXPECT_EQ(broken.counterexamples.front().facts->interruptions.size(), 1U);
  EXPECT_EQ(proved({kPack + never + kEleven + "restart = \"never\"\n"}).verdict, Verdict::kHolds);
  EXPECT_EQ(proved({kPack + brief + kEleven}).verdict, Verdict::kFails);
  EXPECT_EQ(proved({kPack + brief + kEleven + "restart = \"longer-than:20m\"\n"}).verdict, Verdict::kHolds);
  EXPECT_EQ(proved({kPack + brief + kEleven + "restart = \"longer-than:10m\"\n"}).verdict, Verdict::kFails);
}

TEST(Symbolic, NamesTheGroupForWhomItFails) {
  const std::string grouped = kRest + "applies = { groups = [\"wache\"] }\n";
  const ClaimReport all = proved({kPack + grouped + kEleven});
  ASSERT_EQ(all.verdict, Verdict::kFails);
  EXPECT_THAT(all.counterexamples.front().facts->groups, Not(Contains("wache")));
  EXPECT_EQ(proved({kPack + grouped + kEleven + "applies = { groups = [\"wache\"] }\n"}).verdict, Verdict::kHolds);
}

TEST(Symbolic, OnCallOpensOnlyItsClasses) {
  const std::string on_call =
      "[[exception]]\nid = \"on-call\"\nwhen = \"on-call\"\npierces = [\"rest\"]\nclasses = [\"urgent\"]\n";
  EXPECT_EQ(proved({kPack + kRest + on_call + kEleven}).verdict, Verdict::kHolds);
  const ClaimReport urgent =
      proved({kPack + kRest + on_call +
              claim("kind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = [\"routine\", \"urgent\"]\n")});
  ASSERT_EQ(urgent.verdict, Verdict::kFails);
  EXPECT_THAT(urgent.counterexamples.front().facts->roster,
              Contains(testing::Field(&model::RosterEntry::kind, model::RosterKind::kOnCall)));
}

TEST(Symbolic, AWindowThatPiercesFailsOnItsDays) {
  const std::string morning =
      "[[exception]]\nid = \"morning\"\nwhen = \"window\"\npierces = [\"rest\"]\nclasses = [\"routine\"]\n"
      "days = [\"holiday\"]\nfrom = 09:00:00\nto = 10:00:00\n";
  const ClaimReport one = proved({kPack + kRest + morning + kEleven});
  ASSERT_EQ(one.verdict, Verdict::kFails);
  EXPECT_THAT(one.counterexamples.front().rules, Contains("rest"));
  EXPECT_EQ(proved({kPack + kRest + morning +
                    claim("kind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = "
                          "[\"urgent\"]\n")})
                .verdict,
            Verdict::kHolds);
}

TEST(Symbolic, DaysAndWeeks) {
  const std::string day = claim("kind = \"rest-per-24h\"\nminimum = \"11h\"\nclasses = [\"routine\"]\n");
  const std::string week = claim("kind = \"rest-per-week\"\nminimum = \"35h\"\nclasses = [\"routine\"]\n");
  EXPECT_EQ(proved({kPack + kRest + day}).verdict, Verdict::kHolds);
  EXPECT_EQ(proved({kPack + kRest + week}).verdict, Verdict::kFails);
  EXPECT_EQ(proved({kPack + rest("kind = \"off-duty\"\n") + week + "restart = \"never\"\n"}).verdict, Verdict::kHolds);
  EXPECT_EQ(proved({kPack + rest("kind = \"off-duty\"\nlead = \"15m\"\n") + week}).verdict, Verdict::kFails);
}

TEST(Symbolic, NothingOnLeave) {
  const std::string leave = claim("kind = \"never-delivers\"\n");
  EXPECT_EQ(proved({kPack + rest("kind = \"absence\"\n") + leave}).verdict, Verdict::kHolds);
  const ClaimReport one = proved({kPack + rest("kind = \"off-duty\"\n") + leave});
  ASSERT_EQ(one.verdict, Verdict::kFails);  // who is on leave and on duty at once
  EXPECT_EQ(proved({kPack + rest("kind = \"off-duty\"\n") + leave + "during = \"off-duty\"\n"}).verdict,
            Verdict::kHolds);
}

TEST(Symbolic, AdaptingProtectsLess) {
  const std::string law =
      "[pack]\nid = \"law\"\nlayer = \"law\"\nversion = 1\n" + kRest + "adaptable = { minimum = \"9h\" }\n";
  const std::string compared = claim("kind = \"at-least-as-protective-as\"\nthan = \"law\"\n");
  const std::string adapt = "[[adapt]]\nrule = \"rest\"\ncite = \"§ 7\"\nminimum = ";
  EXPECT_EQ(proved({law, kPack + compared}).verdict, Verdict::kHolds);
  EXPECT_EQ(proved({law, kPack + adapt + "\"12h\"\n" + compared}).verdict, Verdict::kHolds);
  EXPECT_EQ(proved({law, kPack + adapt + "\"10h\"\n" + compared}).verdict, Verdict::kFails);
}

TEST(Symbolic, WhatCannotBeExpressedIsNotCovered) {
  const std::string schedule = "[schedule]\ndays = [\"mon\"]\nfrom = 08:00:00\nto = 16:00:00\n";
  const std::string law =
      "[pack]\nid = \"law\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n";
  const auto rules = load(
      {law + "[schedule]\ndays = [\"mon\"]\nfrom = 09:00:00\nto = 17:00:00\n" + kRest, kPack + schedule + kEleven});
  const auto report = prove(rules, "");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->claims.front().verdict, Verdict::kNotProven);
  EXPECT_EQ(report->claims.front().reason.code, "prove.not-expressible");
  EXPECT_FALSE(report->rests.front().covered);
  EXPECT_FALSE(report->ok());
}

TEST(Symbolic, CalendarsOfAnOrdinaryWindowAreFew) {
  const auto rules = load({kPack + rest("kind = \"window\"\n" + kNights) + kEleven});
  const Wanted wanted{{true}, {}, base::kDay, base::kDay, false};
  const auto zone = rules->rules().zone_table;
  const auto found = patterns(rules->rules(), *zone, wanted);
  // Without a clock change, and with one in each direction on the day or close to it.
  EXPECT_GT(found.size(), 4U);
  EXPECT_LT(found.size(), 20U);
}

}  // namespace
}  // namespace policy::prove::symbolic
