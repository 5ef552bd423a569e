#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/pack/calendar.h"
#include "policy/pack/rules.h"
#include "policy/pack/spelling.h"

namespace policy::pack {
namespace {

using base::Seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kHeader = R"([pack]
id = "p"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
holidays = "DE-NI"
)";

std::string header(const std::string& id, const std::string& layer) {
  return "[pack]\nid = \"" + id + "\"\nlayer = \"" + layer + "\"\nversion = 1\nzone = \"Europe/Berlin\"\n";
}

LoadedRules load(std::initializer_list<std::string> packs) {
  std::vector<PackSource> sources;
  for (const std::string& pack : packs) sources.push_back({"pack" + std::to_string(sources.size() + 1), pack});
  return load_packs(sources);
}

// The errors of packs that must not load, one a line.
std::string errors_of(std::initializer_list<std::string> packs) {
  const auto loaded = load(packs);
  if (loaded) return "loaded";
  std::string out;
  for (const auto& error : loaded.error()) out += to_string(error) + "\n";
  return out;
}

TEST(Packs, TheExampleOfTheDesignLoads) {
  const auto loaded = load({R"toml(
[pack]
id = "dv-messenger"            # unique
layer = "agreement"            # law | agreement | unit | personal
version = 3
zone = "Europe/Berlin"
holidays = "DE-NI"
title = { de = "Dienstvereinbarung Messenger", en = "Service agreement on the messenger" }
signers = ["administration", "staff-council"]

[[rest]]                       # closes gates
id = "rest.daily"
kind = "after-duty"
minimum = "11h"
grace = "30m"                  # default 0
lead = "0m"
restart = "always"
cite = "ArbZG § 5 (1)"
effect = { routine = "hold", urgent = "hold", alarm = "deliver" }     # a class not named: hold
applies = { groups = ["*"] }

[[rest]]
id = "rest.night"
kind = "window"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
from = 20:00:00
to = 06:00:00
unless = ["duty", "on-call"]

[[exception]]
id = "exception.on-call"
when = "on-call"
pierces = ["rest.night"]
classes = ["urgent", "alarm"]

[[claim]]
id = "claim.eleven-hours"
kind = "rest-after-duty"
minimum = "11h"
classes = ["routine", "urgent"]
)toml"});
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  const Rules& rules = (*loaded)->rules();
  ASSERT_THAT(rules.rests, SizeIs(2));
  EXPECT_EQ(rules.rests[0].terms.grace, Seconds{1800});
  EXPECT_EQ(rules.rests[0].effects[index_of(model::MessageClass::kShiftNotice)], model::Effect::kHold);
  EXPECT_EQ(rules.rests[0].effects[index_of(model::MessageClass::kAlarm)], model::Effect::kDeliver);
  EXPECT_TRUE(rules.rests[1].unless_on_call);
  EXPECT_EQ(zone(**loaded), "Europe/Berlin");
  EXPECT_EQ(digest(**loaded).size(), 64U);
}

TEST(Packs, UnknownKeyNamesPlaceAndNearest) {
  EXPECT_EQ(
      errors_of({kHeader + "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\nminimun = \"11h\"\n"}),
      "pack1:7:1: no key 'minimum' in [[rest]] 'r' of kind after-duty [pack.missing-key]\n"
      "pack1:10:1: key 'minimun' in [[rest]] 'r' of kind after-duty; allowed: id, title, cite, kind, minimum, grace, "
      "lead, restart, unless, effect, applies, adaptable; did you mean 'minimum'? [pack.unknown-key]\n");
  EXPECT_THAT(errors_of({kHeader + "[[rset]]\nid = \"r\"\n"}), HasSubstr("did you mean 'rest'?"));
  EXPECT_THAT(
      errors_of(
          {kHeader + "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mno\"]\nfrom = 20:00:00\nto = 06:00:00\n"}),
      HasSubstr("pack1:10:9: an item of 'days' in [[rest]] 'r' of kind window is 'mno'; allowed: mon, tue, wed, thu, "
                "fri, sat, sun, holiday; did you mean 'mon'? [pack.value]"));
}

TEST(Packs, KeysOfAnotherKindAreUnknown) {
  EXPECT_THAT(errors_of({kHeader + "[[rest]]\nid = \"r\"\nkind = \"absence\"\ngrace = \"1h\"\n"}),
              HasSubstr("pack1:10:1: key 'grace' in [[rest]] 'r' of kind absence"));
}

TEST(Packs, NothingMayBeExceptedButSomethingMustBeListed) {
  EXPECT_TRUE(load({kHeader + "[[rest]]\nid = \"r\"\nkind = \"absence\"\nunless = []\n"}));
  EXPECT_THAT(
      errors_of({kHeader + "[[exception]]\nid = \"e\"\nwhen = \"on-call\"\npierces = []\nclasses = [\"alarm\"]\n"}),
      HasSubstr("a list of 0 items"));
}

TEST(Packs, ClaimsHaveTheKeysOfTheirKind) {
  const auto loaded = load({kHeader + "[[claim]]\nid = \"c\"\nkind = \"rest-per-24h\"\nminimum = \"11h\"\nrestart = "
                                      "\"longer-than:15m\"\napplies = { groups = [\"wache\"] }\n"
                                      "[[claim]]\nid = \"d\"\nkind = \"never-delivers\"\nduring = \"off-duty\"\n"});
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  const std::vector<ClaimRule>& claims = (*loaded)->rules().claims;
  EXPECT_EQ(claims[0].restart, (time::Restart{time::Restart::When::kLongerThan, Seconds{900}}));
  EXPECT_EQ(claims[0].applies.groups, std::vector<std::string>{"wache"});
  EXPECT_EQ(claims[1].during, ClaimDuring::kOffDuty);
  EXPECT_TRUE(claims[1].classes.all());
  const auto claim = [](const std::string& lines) { return errors_of({kHeader + "[[claim]]\nid = \"c\"\n" + lines}); };
  EXPECT_THAT(claim("kind = \"never-delivers\"\nminimum = \"11h\"\n"), HasSubstr("pack.unknown-key"));
  EXPECT_THAT(claim("kind = \"rest-per-24h\"\nminimum = \"25h\"\n"), HasSubstr("pack.value"));
  EXPECT_THAT(claim("kind = \"rest-per-week\"\nminimum = \"8d\"\n"), HasSubstr("pack.value"));
  EXPECT_THAT(claim("kind = \"rest-after-duty\"\nminimum = \"11h\"\nduring = \"absence\"\n"),
              HasSubstr("pack.unknown-key"));
}

TEST(Packs, TypesAndValues) {
  const auto rest = [](const std::string& lines) {
    return errors_of({kHeader + "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\n" + lines});
  };
  EXPECT_THAT(rest("minimum = 11\n"), HasSubstr("is a whole number; allowed: a string [pack.type]"));
  EXPECT_THAT(rest("minimum = \"11 hours\"\n"), HasSubstr("pack.value"));
  EXPECT_THAT(rest("minimum = \"61d\"\n"), HasSubstr("at most 60d"));
  EXPECT_THAT(rest("minimum = \"11h\"\nrestart = \"allways\"\n"), HasSubstr("did you mean 'always'?"));
  EXPECT_THAT(rest("minimum = \"11h\"\nrestart = \"longer-than:x\"\n"), HasSubstr("pack.value"));
  EXPECT_THAT(rest("minimum = \"11h\"\neffect = { routine = \"drop\" }\n"), HasSubstr("hold"));
  EXPECT_THAT(rest("minimum = \"11h\"\neffect = { rutine = \"hold\" }\n"), HasSubstr("did you mean 'routine'?"));
  EXPECT_THAT(rest("minimum = \"11h\"\napplies = { groups = [] }\n"), HasSubstr("1 to 1000 items"));
  EXPECT_THAT(rest("minimum = \"11h\"\nunless = [\"on call\"]\n"), HasSubstr("did you mean 'on-call'?"));
  EXPECT_THAT(
      errors_of({kHeader + "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00.5\nto = 1\n"}),
      HasSubstr("a fraction of a second"));
  EXPECT_THAT(errors_of({kHeader + "[[rest]]\nid = \"ü\"\nkind = \"absence\"\n"}), HasSubstr("[pack.value]"));
}

TEST(Packs, AllErrorsOfAllPacksAreReported) {
  const std::string broken = kHeader + "[[rest]]\nid = \"r\"\nkind = \"windw\"\n[[rest]]\nkind = \"absence\"\nx = 1\n";
  const auto loaded = load({broken, "a = [", broken});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), SizeIs(9));  // three a broken pack, one syntax error, a pack id and a rule id twice
  std::string many = kHeader;
  for (int i = 0; i < 500; ++i) many += "x" + std::to_string(i) + " = 1\n";
  const auto bounded = load({many});
  ASSERT_FALSE(bounded);
  EXPECT_THAT(bounded.error(), SizeIs(kErrorsMax));
}

TEST(Packs, HostileNestingIsRefusedBeforeParsing) {
  EXPECT_THAT(errors_of({"a = " + std::string(500000, '[')}), HasSubstr("pack1:1:21"));
  EXPECT_THAT(errors_of({"a = " + std::string(500000, '{')}), HasSubstr("pack.too-deep"));
  std::string dots = "a";
  for (int i = 0; i < 200000; ++i) dots += ".a";
  EXPECT_THAT(errors_of({"[" + dots + "]"}), HasSubstr("pack.too-deep"));
  EXPECT_THAT(errors_of({dots + " = 1"}), HasSubstr("pack.too-deep"));
  EXPECT_THAT(errors_of({std::string(kPackBytesMax + 1, '#')}), HasSubstr("pack.too-large"));
  // Brackets in strings and remarks are text.
  const std::string text = kHeader + "[[rest]] # [[[[[[[[[[[[[[[[[[[[[[[[\nid = \"r\"\nkind = \"absence\"\ncite = '''" +
                           std::string(100, '[') + "'' '''\ntitle = { de = \"\\\"" + std::string(100, '{') +
                           "\", en = \"x\" }\n";
  const auto loaded = load({text});
  EXPECT_TRUE(loaded) << to_string(loaded.error().front());
}

TEST(Packs, WhatTripsTheParserIsAnError) {
  // Both are defects of toml++ 3.3.0; see document.cc.
  EXPECT_THAT(errors_of({"[="}), HasSubstr("pack.syntax"));
  EXPECT_THAT(errors_of({"a = 1\n\xC2\xA7 = 2\n"}), HasSubstr("pack1:2:1: "));
  EXPECT_THAT(errors_of({"a = \"\"\"x \\\n\xC2\xA7\"\"\"\n"}), HasSubstr("pack.unknown-key"));
}

TEST(Packs, UntrustedTextIsMadeSafe) {
  const std::string errors = errors_of({kHeader + "\"\\u001b[31m\\u202e\" = 1\n"});
  EXPECT_THAT(errors, HasSubstr("\\x1B[31m\\u{202E}"));
  EXPECT_EQ(errors.find('\x1b'), std::string::npos);
}

TEST(Packs, ZoneAndCalendarMustExist) {
  EXPECT_THAT(errors_of({"[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlni\"\n"}),
              HasSubstr("did you mean 'Europe/Berlin'? [pack.unknown-id]"));
  EXPECT_THAT(errors_of({"[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nholidays = \"DE-NX\"\n"}),
              HasSubstr("pack.unknown-id"));
  EXPECT_THAT(errors_of({"[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\n[[rest]]\nid = \"r\"\nkind = \"window\"\n"
                         "days = [\"mon\"]\nfrom = 20:00:00\nto = 06:00:00\n"}),
              HasSubstr("no key 'zone'"));
  EXPECT_TRUE(load({"[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\n"}));
}

TEST(Layers, AnExceptionPiercesItsOwnOrAWeakerLayer) {
  const auto rest = [](const std::string& id) { return "[[rest]]\nid = \"" + id + "\"\nkind = \"absence\"\n"; };
  const auto exception = [](const std::string& pierced) {
    return "[[exception]]\nid = \"e\"\nwhen = \"on-call\"\npierces = [\"" + pierced + "\"]\nclasses = [\"alarm\"]\n";
  };
  EXPECT_TRUE(load({header("a", "agreement") + rest("r1") + exception("r1")}));
  EXPECT_TRUE(load({header("a", "law") + exception("r1"), header("b", "unit") + rest("r1")}));
  EXPECT_THAT(errors_of({header("a", "law") + rest("r1"), header("b", "agreement") + exception("r1")}),
              HasSubstr("rule 'r1' of layer law pierced by layer agreement"));
  EXPECT_THAT(errors_of({header("a", "law") + rest("night") + exception("nigth")}), HasSubstr("did you mean 'night'?"));
}

TEST(Layers, AdaptStaysWithinTheBound) {
  const std::string law =
      header("a", "law") +
      "[[rest]]\nid = \"r\"\nkind = \"after-duty\"\nminimum = \"11h\"\nadaptable = { minimum = \"9h\" }\n";
  const auto adapt = [](const std::string& layer, const std::string& id, const std::string& lines) {
    return header(id, layer) + "[[adapt]]\nrule = \"r\"\ncite = \"TV § 1\"\n" + lines;
  };
  const auto good = load({law, adapt("agreement", "b", "minimum = \"9h\"\n")});
  ASSERT_TRUE(good) << to_string(good.error().front());
  EXPECT_EQ((*good)->rules().rests[0].terms.minimum, Seconds{9 * 3600});
  EXPECT_EQ((*good)->rules().rests[0].adapted_cite, "TV § 1");
  // Of two the more protective one counts.
  const auto two =
      load({law, adapt("agreement", "b", "minimum = \"10h\"\n"), adapt("unit", "c", "minimum = \"9h\"\n")});
  EXPECT_EQ((*two)->rules().rests[0].terms.minimum, Seconds{10 * 3600});
  EXPECT_THAT(errors_of({law, adapt("agreement", "b", "minimum = \"8h59m\"\n")}), HasSubstr("[pack.adapt]"));
  EXPECT_THAT(errors_of({law, adapt("agreement", "b", "grace = \"1h\"\n")}), HasSubstr("only what the rule declares"));
  EXPECT_THAT(errors_of({law, adapt("law", "b", "minimum = \"9h\"\n")}), HasSubstr("a rule of a stronger layer"));
}

TEST(Layers, SettingsOfAWeakerLayerMayOnlyBeStricter) {
  const auto devices = [](const std::string& id, const std::string& layer, int max) {
    return header(id, layer) + "[devices]\nmax = " + std::to_string(max) + "\n";
  };
  const auto good = load({devices("a", "law", 5), devices("b", "unit", 3)});
  ASSERT_TRUE(good);
  EXPECT_EQ(device_rules(**good).devices_max, 3U);
  EXPECT_EQ(device_rules(**good).cite, "b/devices");
  EXPECT_THAT(errors_of({devices("a", "law", 3), devices("b", "unit", 5)}), HasSubstr("pack.layer"));
  EXPECT_THAT(errors_of({header("a", "law") + "[sessions]\nlock_for = \"1h\"\n",
                         header("b", "unit") + "[sessions]\nlock_for = \"30m\"\n"}),
              HasSubstr("[sessions] lock_for looser than in pack 'a'"));
}

TEST(Ids, AreUniqueOverAllPacks) {
  const std::string rest = "[[rest]]\nid = \"r\"\nkind = \"absence\"\n";
  EXPECT_THAT(errors_of({header("a", "law") + rest, header("b", "unit") + rest}),
              HasSubstr("the first is at pack1:7:6 [pack.duplicate-id]"));
  EXPECT_THAT(errors_of({header("a", "law"), header("a", "unit")}), HasSubstr("pack id 'a' again"));
}

TEST(Settings, TheShortestRetentionWins) {
  const auto retention = [](const std::string& id, const std::string& lines) {
    return header("p" + id, "agreement") + "[[retention]]\nid = \"" + id + "\"\n" + lines;
  };
  const auto loaded =
      load({retention("long", "period = \"30d\"\n"),
            retention("short", "period = \"2d\"\nceiling = \"5d\"\nclock = \"readable\"\nclasses = [\"alarm\"]\n")});
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  const RetentionRules alarm = retention_rules(**loaded, model::MessageClass::kAlarm);
  EXPECT_EQ(alarm.rule, "short");
  EXPECT_TRUE(alarm.from_readable);
  EXPECT_EQ(alarm.ceiling, Seconds{5 * 86400});
  EXPECT_EQ(retention_rules(**loaded, model::MessageClass::kRoutine).period, Seconds{30 * 86400});
  EXPECT_THAT(errors_of({retention("x", "period = \"2d\"\nclock = \"readable\"\n")}), HasSubstr("without a ceiling"));
  EXPECT_THAT(errors_of({retention("x", "period = \"2d\"\nceiling = \"1d\"\n")}), HasSubstr("a ceiling below"));
}

TEST(Settings, EveryPackThatNamesAClassMustPermitIt) {
  const auto alarm = [](const std::string& id, const std::string& senders) {
    return header("p" + id, "agreement") + "[[alarm]]\nid = \"" + id + "\"\nclasses = [\"alarm\"]\nsenders = [" +
           senders + "]\nreasons = [\"grosslage\"]\n";
  };
  const auto loaded = load({alarm("x", "\"a\", \"b\""), alarm("y", "\"b\", \"c\"")});
  ASSERT_TRUE(loaded);
  const auto code = [&](const std::vector<std::string>& groups, const char* reason) {
    const auto status = may_send(**loaded, groups, model::MessageClass::kAlarm, reason);
    return status ? std::string("allowed") : status.error().code;
  };
  EXPECT_EQ(code({"b"}, "grosslage"), "allowed");
  EXPECT_EQ(code({"a"}, "grosslage"), "alarm.not-permitted");
  EXPECT_EQ(code({"b"}, "groslage"), "alarm.unknown-reason");
  EXPECT_EQ(code({"b"}, ""), "alarm.unknown-reason");
  EXPECT_TRUE(may_send(**loaded, {}, model::MessageClass::kUrgent, ""));
}

TEST(Settings, DefaultsHoldWithoutPacks) {
  const auto loaded = load({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(device_rules(**loaded).devices_max, 3U);
  EXPECT_EQ(session_rules(**loaded).failures_max, 5U);
  EXPECT_EQ(retention_rules(**loaded, model::MessageClass::kRoutine).period, Seconds{7 * 86400});
  EXPECT_TRUE(may_send(**loaded, {}, model::MessageClass::kAlarm, ""));
}

TEST(Calendars, HolidaysOfTheStates) {
  const auto calendars = read_calendars(shipped_calendars());
  ASSERT_TRUE(calendars) << to_string(calendars.error().front());
  EXPECT_THAT(*calendars, SizeIs(20));  // 16 states and four parts with holidays of their own
  const auto is = [&](const char* place, time::YearMonthDay date) {
    return calendars->at(place)->contains(time::date_of(date));
  };
  // Holidays of 2026 as the states published them: number of days, weekdays and Sundays alike.
  const std::map<std::string, int> count{{"DE-BW", 12}, {"DE-BY", 12}, {"DE-BE", 10}, {"DE-BB", 12},
                                         {"DE-HB", 10}, {"DE-HH", 10}, {"DE-HE", 10}, {"DE-MV", 11},
                                         {"DE-NI", 10}, {"DE-NW", 11}, {"DE-RP", 11}, {"DE-SL", 12},
                                         {"DE-SN", 11}, {"DE-ST", 11}, {"DE-SH", 10}, {"DE-TH", 11}};
  for (const auto& [place, days] : count) {
    const auto& dates = calendars->at(place)->dates();
    EXPECT_EQ(std::ranges::count_if(dates, [](time::LocalDate d) { return time::civil_of(d).year == 2026; }), days)
        << place;
  }
  EXPECT_TRUE(is("DE-NI", {2026, 10, 31}));
  EXPECT_FALSE(is("DE-NI", {2017, 10, 31}));
  EXPECT_TRUE(is("DE-SN", {2026, 11, 18}));  // Buß- und Bettag
  EXPECT_TRUE(is("DE-BE", {2025, 5, 8}));
  EXPECT_FALSE(is("DE-BE", {2026, 5, 8}));
  EXPECT_TRUE(is("DE-BY-A", {2026, 8, 8}));
  EXPECT_FALSE(is("DE-NW", {2026, 1, 6}));
  const std::vector<CalendarSource> broken{
      {"x", "when,places,first,last,de,en,cite\n13-01,A,,,,,\n01-01,A,1700,,,,\n"}};
  ASSERT_FALSE(read_calendars(broken));
  EXPECT_EQ(read_calendars(broken).error()[0].code, "calendar.when");
  EXPECT_EQ(read_calendars(broken).error()[1].where, "x:3:9");
}

TEST(Spelling, DistanceAndNearest) {
  EXPECT_EQ(edit_distance("minimun", "minimum"), 1U);
  EXPECT_EQ(edit_distance("rset", "rest"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_THAT(did_you_mean("zzzzzz", std::vector<std::string>{"rest"}), IsEmpty());
}

}  // namespace
}  // namespace policy::pack
