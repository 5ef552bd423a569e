// Each finding, once where it is and once where it is not.
#include "policy/check/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/pack/rule_set.h"

namespace policy::check {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string header(const std::string& id, const std::string& layer, const std::string& more = {}) {
  return "[pack]\nid = \"" + id + "\"\nlayer = \"" + layer + "\"\nversion = 1\n" +
         (more.empty() ? "zone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n" : more);
}

// `more` last, so that it may set anything that is not a key of every rest.
std::string rest(const std::string& id, const std::string& kind, const std::string& more) {
  return "[[rest]]\nid = \"" + id + "\"\nkind = \"" + kind + "\"\n" + more + "\n";
}

std::string window(const std::string& id, const std::string& from, const std::string& to,
                   const std::string& more = {}) {
  return rest(
      id, "window",
      "from = " + from + ":00\nto = " + to + ":00\n" +
          (more.find("days") != std::string::npos
               ? more
               : "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"]\n" + more));
}

std::string on_call(const std::string& id, const std::string& pierces, const std::string& classes,
                    const std::string& more = {}) {
  return "[[exception]]\nid = \"" + id + "\"\nwhen = \"on-call\"\npierces = [" + pierces + "]\nclasses = [" + classes +
         "]\n" + more + "\n";
}

pack::Errors find(const std::vector<std::string>& packs) {
  std::vector<pack::PackSource> sources;
  for (const std::string& toml : packs) sources.push_back({"p" + std::to_string(sources.size()), toml});
  const auto loaded = pack::load_packs(sources);
  if (loaded) return findings(**loaded);
  for (const auto& error : loaded.error()) ADD_FAILURE() << to_string(error);
  return {};
}

std::vector<std::string> codes(const std::vector<std::string>& packs) {
  std::vector<std::string> out;
  for (const auto& finding : find(packs)) {
    EXPECT_FALSE(finding.remedy.empty()) << finding.code;
    EXPECT_THAT(finding.where, HasSubstr("p")) << finding.code;
    out.push_back(finding.code.substr(finding.code.find('.') + 1));
  }
  return out;
}

const std::string kLaw = header("law", "law");

TEST(OddTimes, NameDateAndBothReadings) {
  const auto found = find({kLaw + window("r", "02:30", "06:00")});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(to_string(found[0]),
            "p0:7:1: rule 'r' has the local time 02:30:00, which the clock skips on 2026-03-29; what counts is the "
            "change at 2026-03-29T01:00:00Z; choose a time outside the hour of the clock changes "
            "[finding.ambiguous-time]");
  EXPECT_THAT(found[1].seen, HasSubstr("shows twice on 2026-10-25: at 2026-10-25T00:30:00Z and at 2026-10-25T01:30:00Z;"
                                       " what counts is 2026-10-25T00:30:00Z"));
  // A closing ends at the last reading, core hours begin at it.
  EXPECT_THAT(find({kLaw + window("r", "22:00", "02:30")})[1].seen, HasSubstr("what counts is 2026-10-25T01:30:00Z"));
  const std::string hours = "[schedule]\ndays = [\"sun\"]\nfrom = 02:30:00\nto = 10:00:00\n";
  EXPECT_THAT(find({kLaw + hours})[1].seen, HasSubstr("what counts is 2026-10-25T01:30:00Z"));
}

// Clock changes fall on Sundays; a window of another day never meets one, one that ends on a Sunday does.
TEST(OddTimes, OnlyOnDatesOfTheWindow) {
  EXPECT_THAT(codes({kLaw + window("r", "02:30", "06:00", "days = [\"mon\"]")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + window("r", "22:00", "02:30", "days = [\"sat\"]")}),
              ElementsAre("ambiguous-time", "ambiguous-time"));
  EXPECT_THAT(codes({kLaw + window("r", "22:00", "02:30", "days = [\"sun\"]")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + window("r", "22:00", "03:00")}), IsEmpty());
}

TEST(OddTimes, WholeDayCalendarAndZones) {
  EXPECT_THAT(codes({kLaw + window("r", "08:00", "08:00")}), ElementsAre("whole-day"));
  EXPECT_THAT(codes({header("a", "law", "zone = \"Europe/Berlin\"\n") + window("r", "08:00", "09:00")}),
              ElementsAre("no-calendar"));
  EXPECT_THAT(codes({kLaw, header("b", "unit", "zone = \"Europe/Lisbon\"\n")}), ElementsAre("zone-differs"));
  EXPECT_THAT(codes({header("a", "law", "duty_gap = \"1h\"\n") + rest("r", "off-duty", "")}), ElementsAre("no-zone"));
  EXPECT_THAT(codes({header("a", "law", "duty_gap = \"1h\"\n")}), IsEmpty());
}

TEST(Unreachable, WindowsInsideWindows) {
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00") + window("b", "22:00", "05:00")}),
              ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00") + window("b", "22:00", "06:01")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00") + window("b", "19:59", "06:00")}),
              ElementsAre("unreachable"));  // a is inside b
  // Together two windows cover what neither covers alone; the sentence names both and no third.
  const auto found = find({kLaw + window("a", "20:00", "00:00") + window("b", "00:00", "06:00") +
                           window("c", "22:00", "05:00") + window("d", "12:00", "13:00")});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].seen, "rule 'c' never decides anything: whenever it closes, as much is closed by 'a', 'b'");
  EXPECT_EQ(found[0].where, "p0:21:1");
}

TEST(Unreachable, AnAgreementMayCoverALaw) {
  const std::string agreement = header("b", "agreement");
  EXPECT_THAT(codes({kLaw + window("a", "22:00", "05:00"), agreement + window("b", "20:00", "06:00")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00"), agreement + window("b", "22:00", "05:00")}),
              ElementsAre("unreachable"));
}

TEST(Unreachable, DaysAndHolidays) {
  const std::string week = "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]";
  const std::string both = week.substr(0, week.size() - 1) + ", \"holiday\"]";
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00", both) + window("b", "20:00", "06:00", "days = [\"fri\"]")}),
              ElementsAre("unreachable"));
  // On a holiday `a` does not close.
  EXPECT_THAT(
      codes({kLaw + window("a", "20:00", "06:00", week) + window("b", "20:00", "06:00", "days = [\"holiday\"]")}),
      IsEmpty());
  // All weekdays are not all dates: a window that begins on a holiday is its own.
  EXPECT_THAT(codes({kLaw + window("a", "00:00", "00:00", week) +
                     window("b", "22:00", "02:00", "days = [\"mon\", \"holiday\"]")}),
              ElementsAre("whole-day"));
  // Different calendars: what is a holiday here is a weekday there.
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00", week),
                     header("b", "unit", "zone = \"Europe/Berlin\"\nholidays = \"DE-BY\"\n") +
                         window("b", "20:00", "06:00", "days = [\"thu\"]")}),
              IsEmpty());
}

TEST(Unreachable, PeopleEffectsAndUnless) {
  const auto inner = [](const std::string& more) { return window("b", "22:00", "05:00", more); };
  const auto outer = [](const std::string& more) { return window("a", "20:00", "06:00", more); };
  const std::string wache = "applies = { groups = [\"wache\"] }", both = "applies = { groups = [\"wache\", \"stab\"] }";
  EXPECT_THAT(codes({kLaw + outer(both) + inner(wache)}), ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + outer(wache) + inner(both)}), IsEmpty());
  EXPECT_THAT(codes({kLaw + outer(wache) + inner("")}), IsEmpty());
  // Each group has a cover of its own.
  EXPECT_THAT(
      codes({kLaw + outer(wache) + window("c", "21:00", "06:00", "applies = { groups = [\"stab\"] }") + inner(both)}),
      ElementsAre("unreachable"));
  const std::string silent = "effect = { routine = \"silent\" }";
  EXPECT_THAT(codes({kLaw + outer(silent) + inner("")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + outer("") + inner(silent)}), ElementsAre("unreachable"));
  // Each class may have a cover of its own.
  const std::string rest = "effect = { routine = \"deliver\" }";
  const std::string only = "effect = { shift-notice = \"deliver\", urgent = \"deliver\", alarm = \"deliver\" }";
  EXPECT_THAT(codes({kLaw + outer(rest) + window("c", "21:00", "06:00", only) + inner("")}),
              ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + outer("unless = [\"duty\"]") + inner("")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + outer("unless = [\"duty\"]") + inner("unless = [\"duty\"]")}), ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + outer("unless = [\"on-call\"]") + inner("")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + outer("unless = [\"on-call\"]") + inner("unless = [\"duty\", \"on-call\"]")}),
              ElementsAre("unreachable"));
}

TEST(Unreachable, RestsAboutDuty) {
  const auto off = [](const std::string& id, const std::string& more) { return rest(id, "off-duty", more); };
  const auto after = [](const std::string& id, const std::string& more) { return rest(id, "after-duty", more); };
  const std::string quarter = "grace = \"15m\"\nlead = \"15m\"\n";
  EXPECT_THAT(codes({kLaw + off("a", quarter) + after("b", "minimum = \"11h\"\n" + quarter)}),
              ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + off("a", quarter) + after("b", "minimum = \"11h\"\ngrace = \"15m\"\n")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + off("a", quarter) + after("b", "minimum = \"11h\"\nlead = \"15m\"\n")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + off("a", "") + off("b", quarter)}), ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + off("a", quarter) + off("b", quarter)}), ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + after("a", "minimum = \"11h\"\n") + after("b", "minimum = \"10h\"\ngrace = \"1h\"\n")}),
              ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + after("a", "minimum = \"11h\"\n") + after("b", "minimum = \"10h\"\ngrace = \"61m\"\n")}),
              IsEmpty());
  EXPECT_THAT(
      codes({kLaw + after("a", "minimum = \"11h\"\nrestart = \"never\"\n") + after("b", "minimum = \"10h\"\n")}),
      IsEmpty());
  EXPECT_THAT(codes({kLaw + after("a", "minimum = \"11h\"\nrestart = \"longer-than:5m\"\n") +
                     after("b", "minimum = \"10h\"\nrestart = \"longer-than:6m\"\n")}),
              ElementsAre("unreachable"));
  // A window that spares duty lies within time off duty.
  EXPECT_THAT(codes({kLaw + off("a", "") + window("b", "20:00", "06:00", "unless = [\"duty\"]")}),
              ElementsAre("unreachable"));
  EXPECT_THAT(codes({kLaw + off("a", quarter) + window("b", "20:00", "06:00", "unless = [\"duty\"]")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + rest("a", "absence", "") + rest("b", "absence", "unless = [\"duty\"]")}),
              ElementsAre("unreachable"));
}

// Views of duty differ: with a gap of two hours what lies between two entries is duty, with one of half an hour rest.
TEST(Unreachable, GapsBetweenEntries) {
  const std::string wide = header("wide", "unit", "zone = \"Europe/Berlin\"\nduty_gap = \"2h\"\n");
  const std::string narrow = header("narrow", "law", "zone = \"Europe/Berlin\"\nduty_gap = \"30m\"\n");
  EXPECT_THAT(codes({wide + rest("a", "off-duty", ""), narrow + rest("b", "off-duty", "")}),
              ElementsAre("unreachable"));
  EXPECT_EQ(find({wide + rest("a", "off-duty", ""), narrow + rest("b", "off-duty", "")})[0].where, "p0:7:1");
  const std::string hours = "[schedule]\ndays = [\"mon\"]\nfrom = 08:00:00\nto = 16:00:00\n";
  EXPECT_THAT(codes({kLaw + rest("a", "off-duty", "") + hours, narrow + rest("b", "off-duty", "") + hours}), IsEmpty());
}

TEST(Unreachable, ExceptionsCount) {
  const std::string rests = kLaw + window("a", "20:00", "06:00") + window("b", "22:00", "05:00");
  // On call only b closes; without the exception it decides nothing.
  EXPECT_THAT(codes({rests + on_call("e", "\"a\"", "\"urgent\"")}), IsEmpty());
  EXPECT_THAT(codes({rests + on_call("e", "\"b\"", "\"urgent\"")}), ElementsAre("unreachable", "exception-idle"));
  EXPECT_THAT(codes({rests + on_call("e", "\"a\", \"b\"", "\"urgent\"")}), ElementsAre("unreachable"));
}

TEST(ExceptionIdle, PiercesNothing) {
  const std::string alarm = "effect = { alarm = \"deliver\" }";
  EXPECT_THAT(find({kLaw + window("a", "20:00", "06:00", alarm) + on_call("e", "\"a\"", "\"alarm\"")})[0].seen,
              HasSubstr("never close for its classes"));
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00", alarm) + on_call("e", "\"a\"", "\"urgent\"")}), IsEmpty());
  // Parts of an exception that does something.
  EXPECT_THAT(
      find({kLaw + window("a", "20:00", "06:00", alarm) + on_call("e", "\"a\"", "\"alarm\", \"urgent\"")})[0].seen,
      HasSubstr("names class 'alarm', which no rule"));
  EXPECT_THAT(find({kLaw + window("a", "20:00", "06:00") + window("b", "05:00", "07:00", "unless = [\"on-call\"]") +
                    on_call("e", "\"a\", \"b\"", "\"urgent\"")})[0]
                  .seen,
              HasSubstr("pierces rule 'b', which does not close then"));
  EXPECT_THAT(
      find({kLaw + window("a", "20:00", "06:00", "unless = [\"on-call\"]") + on_call("e", "\"a\"", "\"urgent\"")})[0]
          .seen,
      HasSubstr("unless = [\"on-call\"] already"));
  // A rest that it does not pierce closes all the same.
  EXPECT_THAT(find({kLaw + window("a", "20:00", "06:00") + window("b", "19:00", "06:00") +
                    on_call("e", "\"a\"", "\"urgent\"")})[0]
                  .code,
              "finding.unreachable");
  EXPECT_THAT(codes({kLaw + window("a", "20:00", "06:00"),
                     header("unit", "unit") + window("b", "19:00", "06:00", "applies = { groups = [\"x\"] }") +
                         on_call("e", "\"b\"", "\"urgent\"")}),
              IsEmpty());
  // Two that say the same: one of them is idle.
  const std::string twice = kLaw + window("a", "20:00", "06:00") + on_call("e", "\"a\"", "\"urgent\"");
  EXPECT_THAT(codes({twice + on_call("f", "\"a\"", "\"urgent\"", "applies = { groups = [\"x\"] }")}),
              ElementsAre("exception-idle"));
}

TEST(Contradictions, ClaimsAndTerms) {
  const std::string claim =
      "[[claim]]\nid = \"c\"\nkind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = [\"urgent\"]\n";
  const std::string after = rest("a", "after-duty", "minimum = \"11h\"\n");
  EXPECT_THAT(codes({kLaw + after + claim + on_call("e", "\"a\"", "\"urgent\"")}), ElementsAre("pierces-claim"));
  EXPECT_THAT(codes({kLaw + after + claim + on_call("e", "\"a\"", "\"routine\"")}), IsEmpty());
  // The rest after duty goes on when time off duty is pierced; not the other way round, where its lead is longer.
  const std::string free = rest("b", "off-duty", "lead = \"1h\"\n");
  EXPECT_THAT(codes({kLaw + after + free + claim + on_call("e", "\"b\"", "\"urgent\"")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + rest("a", "after-duty", "minimum = \"10h\"\n") + free + claim +
                     on_call("e", "\"b\"", "\"urgent\"")}),
              ElementsAre("pierces-claim"));
  EXPECT_THAT(codes({kLaw + claim}), ElementsAre("claim-open"));
  EXPECT_THAT(codes({kLaw + rest("a", "after-duty", "minimum = \"11h\"\neffect = { urgent = \"deliver\" }") + claim}),
              ElementsAre("claim-open"));
  EXPECT_THAT(codes({kLaw + rest("a", "after-duty", "minimum = \"1h\"\ngrace = \"1h\"\n")}),
              ElementsAre("grace-too-long"));
  EXPECT_THAT(codes({kLaw + rest("a", "after-duty", "minimum = \"1h\"\nlead = \"60m\"\n")}),
              ElementsAre("lead-too-long"));
  EXPECT_THAT(codes({kLaw + rest("a", "after-duty", "minimum = \"1h\"\nlead = \"59m\"\ngrace = \"59m\"\n")}),
              IsEmpty());
}

TEST(Settings, RetentionAlarmDevicesSessions) {
  const auto retention = [](const std::string& id, const std::string& more) {
    return "[[retention]]\nid = \"" + id + "\"\n" + more + "\n";
  };
  EXPECT_THAT(codes({kLaw + retention("a", "period = \"7d\"") + retention("b", "period = \"8d\"")}),
              ElementsAre("retention-idle"));
  EXPECT_THAT(
      codes({kLaw + retention("a", "period = \"7d\"\nclasses = [\"alarm\"]") + retention("b", "period = \"8d\"")}),
      IsEmpty());
  EXPECT_THAT(codes({kLaw + retention("a", "period = \"7d\"\nceiling = \"9d\"") +
                     retention("b", "period = \"8d\"\nfloor = \"8d\"")}),
              IsEmpty());  // the floor of b counts, cut to the period
  EXPECT_THAT(codes({kLaw + retention("a", "period = \"7d\"") + retention("b", "period = \"9d\"\nfloor = \"8d\"")}),
              Contains("retention-conflict"));
  const auto alarm = [](const std::string& id, const std::string& reasons) {
    return "[[alarm]]\nid = \"" + id + "\"\nclasses = [\"alarm\"]\nsenders = [\"x\"]\nreasons = [" + reasons + "]\n";
  };
  EXPECT_THAT(codes({kLaw + alarm("a", "\"fire\""), header("b", "unit") + alarm("b", "\"flood\"")}),
              ElementsAre("alarm-unusable", "alarm-unusable"));
  EXPECT_THAT(codes({kLaw + alarm("a", "\"fire\", \"flood\""), header("b", "unit") + alarm("b", "\"flood\"")}),
              IsEmpty());
  EXPECT_THAT(codes({kLaw + alarm("a", "\"fire\"") + alarm("b", "\"flood\"")}), IsEmpty());
  EXPECT_THAT(codes({kLaw + "[devices]\nmax = 3\n", header("b", "law") + "[devices]\nmax = 2\n"}),
              ElementsAre("setting-idle"));
  EXPECT_EQ(find({kLaw + "[devices]\nmax = 3\n", header("b", "law") + "[devices]\nmax = 2\n"})[0].where, "p0:7:1");
  EXPECT_THAT(codes({kLaw + "[devices]\nmax = 3\n", header("b", "unit") + "[devices]\nmax = 2\n"}), IsEmpty());
  EXPECT_THAT(codes({kLaw + "[sessions]\nlifetime = \"1d\"\nidle = \"25h\"\nstep_up = \"2d\"\n"}),
              ElementsAre("setting-idle", "setting-idle"));
}

TEST(Parameters, Unset) {
  const std::string pack = kLaw + "[[parameter]]\nid = \"p\"\n" + rest("a", "after-duty", "minimum = \"$p\"\n");
  EXPECT_THAT(codes({pack}), ElementsAre("parameter-unset"));
  EXPECT_THAT(codes({pack, header("b", "agreement") + "[[set]]\nparameter = \"p\"\nvalue = \"10h\"\ncite = \"x\"\n"}),
              IsEmpty());
}

}  // namespace
}  // namespace policy::check
