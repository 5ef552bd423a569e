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

}  // namespace
}  // namespace policy::explain
