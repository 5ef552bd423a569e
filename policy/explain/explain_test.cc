#include "policy/explain/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/decide/decide.h"

namespace policy::explain {
namespace {

using base::Instant;
using model::MessageClass;
using testing::HasSubstr;

Instant at(const char* text) { return base::parse_instant(text).value(); }

const std::string kPack = R"toml(
[pack]
id = "dv"
layer = "law"
version = 1
zone = "Europe/Berlin"
[[rest]]
id = "rest.daily"
kind = "after-duty"
minimum = "11h"
adaptable = { minimum = "9h" }
cite = "ArbZG § 5 (1)"
[[rest]]
id = "rest.night"
kind = "window"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = 20:00:00
to = 06:00:00
title = { de = "Nachtruhe", en = "rest at night" }
[[exception]]
id = "exception.on-call"
when = "on-call"
pierces = ["rest.daily", "rest.night"]
classes = ["urgent"]
cite = "DV § 5"
)toml";

struct Both {
  std::string de, en;
};

Both explained(const model::PersonFacts& facts, MessageClass message_class, const char* now,
               const std::string& more = {}) {
  std::vector<pack::PackSource> sources{{"p", kPack}};
  if (!more.empty()) sources.push_back({"q", more});
  const auto rules = pack::load_packs(sources).value();
  const auto decision = decide::decide(*rules, facts, message_class, at(now));
  return {explain(*rules, facts, message_class, at(now), decision, Language::kGerman),
          explain(*rules, facts, message_class, at(now), decision, Language::kEnglish)};
}

model::PersonFacts worker() {
  model::PersonFacts facts;
  facts.roster = {{model::RosterKind::kDuty, {at("2026-11-23T06:00:00Z"), at("2026-11-23T18:00:00Z")}}};
  return facts;
}

TEST(Explain, NamesEffectTimeRuleAndSource) {
  const Both words = explained(worker(), MessageClass::kRoutine, "2026-11-23T18:30:00Z");
  EXPECT_EQ(
      words.en,
      "Routine messages are held until 06:00 on Tuesday 24 November 2026 (CET). Reason: rest after duty of 11h (rule "
      "rest.daily, ArbZG § 5 (1)). Then this changes.");
  EXPECT_EQ(words.de,
            "Gewöhnliche Nachrichten werden zurückgehalten bis Dienstag, 24. November 2026, 06:00 Uhr (CET). Grund: "
            "Ruhe nach "
            "dem Dienst von 11h (Regel rest.daily, ArbZG § 5 (1)). Danach gilt anderes.");
}

TEST(Explain, NamesEveryRuleInForce) {
  const Both words = explained(worker(), MessageClass::kRoutine, "2026-11-23T20:00:00Z");
  EXPECT_THAT(words.en, HasSubstr("rest.daily, ArbZG § 5 (1)); rest at night 20:00–06:00 (rule rest.night)."));
  EXPECT_THAT(words.de, HasSubstr("Nachtruhe 20:00–06:00 (Regel rest.night)."));
}

TEST(Explain, SaysWhatLetsAMessagePass) {
  model::PersonFacts facts = worker();
  facts.roster.push_back({model::RosterKind::kOnCall, {at("2026-11-23T18:00:00Z"), at("2026-11-24T05:00:00Z")}});
  const Both words = explained(facts, MessageClass::kUrgent, "2026-11-23T20:00:00Z");
  EXPECT_THAT(words.en, HasSubstr("Urgent messages are delivered until"));
  EXPECT_THAT(words.en, HasSubstr("While on call the exception exception.on-call (DV § 5) applies."));
  EXPECT_THAT(words.de, HasSubstr("Während der Rufbereitschaft gilt die Ausnahme exception.on-call (DV § 5)."));
}

TEST(Explain, NamesTheAdaptation) {
  const std::string agreement =
      "[pack]\nid = \"q\"\nlayer = \"agreement\"\nversion = 1\n[[adapt]]\nrule = \"rest.daily\"\nminimum = "
      "\"10h\"\ncite = \"TV "
      "§ 3\"\n";
  const Both words = explained(worker(), MessageClass::kRoutine, "2026-11-23T18:30:00Z", agreement);
  EXPECT_THAT(words.en, HasSubstr("rest after duty of 10h (rule rest.daily, ArbZG § 5 (1); adapted by TV § 3: 10h)"));
}

TEST(Explain, SaysWhenNothingWillChange) {
  const auto rules = pack::load_packs({}).value();
  const auto decision = decide::decide(*rules, {}, MessageClass::kAlarm, Instant{0});
  EXPECT_EQ(explain(*rules, {}, MessageClass::kAlarm, Instant{0}, decision, Language::kEnglish),
            "Alarms are delivered. No change is in sight. No rule holds them.");
}

const std::string kExceptions = R"toml(
[pack]
id = "dv2"
layer = "law"
version = 1
zone = "Europe/Berlin"
[[exception]]
id = "notice"
when = "window"
days = ["mon"]
from = 20:30:00
to = 22:00:00
pierces = ["rest.night"]
classes = ["shift-notice"]
cite = "DV § 6"
[[exception]]
id = "einsatz"
when = "override"
role = "leitung"
reasons = ["grosslage"]
longest = "1h"
limit = { count = 1, per = "week" }
pierces = ["rest.daily", "rest.night"]
classes = ["urgent"]
[self_open]
max = "2h"
classes = ["routine"]
cite = "DV § 8"
)toml";

TEST(Explain, NamesExceptionsOfEveryKind) {
  model::PersonFacts facts;
  facts.overrides = {{"einsatz", "leitung", "grosslage", {at("2026-11-23T20:00:00Z"), at("2026-11-23T23:00:00Z")}},
                     {"einsatz", "leitung", "grosslage", {at("2026-11-23T20:10:00Z"), at("2026-11-23T23:00:00Z")}}};
  facts.self_openings = {{{at("2026-11-23T20:00:00Z"), at("2026-11-23T23:00:00Z")}}};
  const auto words = [&](MessageClass c) { return explained(facts, c, "2026-11-23T20:30:00Z", kExceptions); };
  const Both notice = words(MessageClass::kShiftNotice), urgent = words(MessageClass::kUrgent),
             routine = words(MessageClass::kRoutine);
  EXPECT_THAT(notice.en, HasSubstr(" Between 20:30 and 22:00 the exception notice (DV § 6) applies."));
  EXPECT_THAT(notice.de, HasSubstr(" Von 20:30 bis 22:00 Uhr gilt die Ausnahme notice (DV § 6)."));
  EXPECT_THAT(urgent.en, HasSubstr("No rule holds them. Until 22:00 on Monday 23 November 2026 (CET) the override "
                                   "einsatz applies, granted by leitung for grosslage. Then"));
  EXPECT_THAT(urgent.de, HasSubstr(" Bis Montag, 23. November 2026, 22:00 Uhr (CET) gilt die Durchbrechung einsatz, "
                                   "gewährt durch leitung wegen grosslage."));
  EXPECT_THAT(routine.en, HasSubstr(" Until 23:00 on Monday 23 November 2026 (CET) the person's own opening under "
                                    "dv2.self-open (DV § 8) applies."));
  EXPECT_THAT(routine.de, HasSubstr(" Bis Montag, 23. November 2026, 23:00 Uhr (CET) gilt die eigene Öffnung nach "
                                    "dv2.self-open (DV § 8)."));
  // None of them is for alarms, and none is in force an hour and a half later but the own opening.
  EXPECT_THAT(words(MessageClass::kAlarm).en, testing::Not(HasSubstr("applies")));
  EXPECT_THAT(explained(facts, MessageClass::kUrgent, "2026-11-23T21:00:00Z", kExceptions).en,
              testing::Not(HasSubstr("applies")));
}

TEST(Explain, SaysWhichParameterIsMissing) {
  const std::string rest =
      "[pack]\nid = \"q\"\nlayer = \"law\"\nversion = 1\n[[parameter]]\nid = \"credit\"\n[[rest]]\nid = \"r\"\nkind = "
      "\"after-duty\"\nminimum = \"$credit\"\ncite = \"DV § 9\"\n";
  const Both unset = explained({}, MessageClass::kAlarm, "2026-11-23T12:00:00Z", rest);
  EXPECT_THAT(unset.en, HasSubstr("Reason: rest after duty (rule r, DV § 9) cannot be evaluated: parameter credit is "
                                  "not set, so it holds."));
  EXPECT_THAT(unset.de, HasSubstr("Grund: Ruhe nach dem Dienst (Regel r, DV § 9) lässt sich nicht auswerten: Parameter "
                                  "credit ist nicht festgelegt, deshalb hält die Regel zurück."));
  const Both set = explained(worker(), MessageClass::kAlarm, "2026-11-23T18:30:00Z",
                             rest + "[[set]]\nparameter = \"credit\"\nvalue = \"1h\"\ncite = \"TV § 3\"\n");
  EXPECT_THAT(set.en, HasSubstr("rest after duty of 1h (rule r, DV § 9; parameter credit set by TV § 3: 1h)"));
  EXPECT_THAT(set.de, HasSubstr("(Regel r, DV § 9; Parameter credit festgelegt durch TV § 3: 1h)"));
}

TEST(Explain, SaysThatFactsCannotBeEvaluated) {
  model::PersonFacts facts = worker();
  facts.self_openings = {{{at("2026-11-23T20:00:00Z"), at("2026-11-23T19:00:00Z")}}};
  const Both words = explained(facts, MessageClass::kRoutine, "2026-11-23T12:00:00Z");
  EXPECT_THAT(words.en, HasSubstr("cannot be evaluated, so every rule holds."));
  EXPECT_THAT(words.de, HasSubstr("lässt sich nicht auswerten, deshalb hält jede Regel zurück."));
}

}  // namespace
}  // namespace policy::explain
