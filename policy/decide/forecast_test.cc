#include "policy/decide/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

// Counts what the whole program allocates; one thread.
std::size_t allocations = 0;

}  // namespace

// Not inlined: GCC 12 would see malloc on one side and delete on the other, and call them a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const got = std::malloc(size)) return got;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* what) noexcept { std::free(what); }
[[gnu::noinline]] void operator delete(void* what, std::size_t) noexcept { std::free(what); }

namespace policy::decide {
namespace {

using base::Instant;
using base::kHour;
using base::Seconds;
using model::Effect;
using model::MessageClass;
using model::RosterKind;
using testing::ElementsAre;
using testing::IsEmpty;

Instant at(const char* text) { return base::parse_instant(text).value(); }

constexpr const char* kPack = R"toml(
[pack]
id = "p"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
[[rest]]
id = "night"
kind = "window"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = 20:00:00
to = 07:00:00
[[rest]]
id = "absence"
kind = "absence"
effect = { routine = "silent", shift-notice = "deliver", urgent = "deliver", alarm = "hold" }
)toml";

std::shared_ptr<const pack::RuleSet> rules() {
  const std::vector<pack::PackSource> sources{{"p", kPack}};
  return pack::load_packs(sources).value();
}

// On leave from 2 June, 12:00, to 3 June, 12:00 (UTC).
model::PersonFacts somebody() {
  model::PersonFacts facts;
  facts.roster = {{RosterKind::kLeave, {at("2026-06-02T12:00:00Z"), at("2026-06-03T12:00:00Z")}}};
  return facts;
}

std::vector<std::string> names(std::span<const std::string_view> rules) { return {rules.begin(), rules.end()}; }

TEST(Forecast, KnowsEffectRulesAndNextChange) {
  Answers answers(rules());
  const Forecast forecast(answers, somebody(), at("2026-06-01T10:00:00Z"), {});
  const auto day = forecast.at(MessageClass::kRoutine, at("2026-06-01T17:59:59Z"));
  EXPECT_EQ(day.effect, Effect::kDeliver);
  EXPECT_THAT(day.rules, IsEmpty());
  EXPECT_EQ(day.until, at("2026-06-01T18:00:00Z"));
  const auto leave = forecast.at(MessageClass::kRoutine, at("2026-06-02T12:00:00Z"));
  EXPECT_EQ(leave.effect, Effect::kSilent);
  EXPECT_THAT(names(leave.rules), ElementsAre("absence"));
  const auto alarm = forecast.at(MessageClass::kAlarm, at("2026-06-02T18:00:00Z"));
  EXPECT_THAT(names(alarm.rules), ElementsAre("absence", "night"));
  EXPECT_EQ(alarm.until, at("2026-06-03T12:00:00Z"));  // held through the night and on
  EXPECT_EQ(forecast.gate_at(at("2026-06-02T18:00:00Z")).until, at("2026-06-03T05:00:00Z"));
}

TEST(Forecast, EndsAfterItsStretchesAndStillKnowsTheNextChange) {
  Answers answers(rules());
  const Forecast forecast(answers, somebody(), at("2026-06-01T10:00:00Z"), {.stretches_max = 2});
  EXPECT_EQ(forecast.end(), at("2026-06-02T05:00:00Z"));
  EXPECT_FALSE(forecast.covers(forecast.end()));
  EXPECT_FALSE(forecast.covers(forecast.begin() - Seconds{1}));
  EXPECT_TRUE(forecast.covers(forecast.end() - Seconds{1}));
  EXPECT_EQ(forecast.at(MessageClass::kAlarm, forecast.end() - Seconds{1}).until, forecast.end());
}

TEST(Forecast, KnowsAChangeFarBehindItsEnd) {
  const std::vector<pack::PackSource> sources{{"p", std::string(kPack).substr(0, std::string(kPack).find("[[rest]]")) +
                                                        "[[rest]]\nid = \"absence\"\nkind = \"absence\"\n"}};
  Answers answers(pack::load_packs(sources).value());
  model::PersonFacts facts = somebody();
  const Forecast forecast(answers, facts, at("2025-01-01T00:00:00Z"), {.reach = kHour});
  EXPECT_EQ(forecast.end(), at("2025-01-01T01:00:00Z"));
  EXPECT_EQ(forecast.at(MessageClass::kUrgent, forecast.begin()).until, at("2026-06-02T12:00:00Z"));
}

// Hundreds of stretches within one night of a year, in which no effect changes.
TEST(Forecast, FindsItsPlaceWhereStretchesAreCrowded) {
  Answers answers(rules());
  model::PersonFacts facts;
  const Instant night = at("2026-06-01T18:00:00Z");
  for (int i = 0; i < 330; ++i)
    facts.roster.push_back({RosterKind::kLeave, {night + Seconds{120 * i}, night + Seconds{120 * i + 60}}});
  const Forecast forecast(answers, facts, at("2026-01-01T00:00:00Z"), {100'000, Seconds{365 * 86400}});
  EXPECT_EQ(forecast.at(MessageClass::kUrgent, night).until, at("2026-06-02T05:00:00Z"));
  for (Instant now = night - kHour; now < night + Seconds{12 * 3600}; now = now + Seconds{59})
    for (const MessageClass c : model::kMessageClasses)
      ASSERT_EQ(decision_of(forecast.at(c, now)), decide(answers.rules(), facts, c, now)) << base::format_instant(now);
}

TEST(Forecast, NothingIsCoveredByNone) {
  EXPECT_FALSE(Forecast().covers(Instant{0}));
  Answers answers(rules());
  const Forecast ends_at_once(answers, {}, base::kEndOfTime, {});
  EXPECT_FALSE(ends_at_once.covers(base::kEndOfTime));
}

TEST(Forecast, WhatCannotBeEvaluatedHolds) {
  model::PersonFacts facts = somebody();
  facts.interruptions = {{{Instant{10}, Instant{5}}}};
  Answers answers(rules());
  const Forecast forecast(answers, facts, at("2026-06-01T10:00:00Z"), {});
  for (const MessageClass c : model::kMessageClasses) {
    const Verdict verdict = forecast.at(c, at("2026-06-01T12:00:00Z"));
    EXPECT_EQ(decision_of(verdict), decide(answers.rules(), facts, c, at("2026-06-01T12:00:00Z")));
    EXPECT_EQ(verdict.effect, Effect::kHold);
  }
}

TEST(Forecast, ALookUpAllocatesNothing) {
  Answers answers(rules());
  const Forecast forecast(answers, somebody(), at("2026-06-01T10:00:00Z"), {});
  const std::size_t before = allocations;
  std::size_t named = 0;
  for (Instant now = forecast.begin(); forecast.covers(now); now = now + base::kMinute) {
    for (const MessageClass c : model::kMessageClasses) named += forecast.at(c, now).rules.size();
    named += forecast.gate_at(now).effects.size();
  }
  EXPECT_EQ(allocations, before);
  EXPECT_GT(named, 0U);
  const Forecast another(answers, somebody(), at("2026-06-01T10:00:00Z"), {});
  EXPECT_GT(allocations, before);  // the count counts
}

TEST(Answers, AreSharedAndBounded) {
  Answers answers(rules());
  const Forecast first(answers, somebody(), at("2026-06-01T10:00:00Z"), {});
  EXPECT_EQ(answers.size(), 4U);  // open, night, absence, both
  model::PersonFacts later = somebody();
  later.roster[0].span.end = at("2026-06-03T13:00:00Z");
  const Forecast second(answers, later, at("2026-06-01T10:00:00Z"), {});
  EXPECT_EQ(answers.size(), 4U);

  Answers one(rules(), 1);
  const Forecast short_one(one, somebody(), at("2026-06-01T10:00:00Z"), {});
  EXPECT_EQ(short_one.end(), at("2026-06-01T18:00:00Z"));
  EXPECT_EQ(short_one.at(MessageClass::kRoutine, short_one.begin()).until, at("2026-06-01T18:00:00Z"));
  Answers none(rules(), 0);
  EXPECT_FALSE(Forecast(none, somebody(), at("2026-06-01T10:00:00Z"), {}).covers(at("2026-06-01T10:00:00Z")));
}

TEST(Forecast, IsSmall) {
  Answers answers(rules());
  const Forecast forecast(answers, somebody(), at("2026-06-01T10:00:00Z"), {.stretches_max = 8});
  EXPECT_LE(forecast.size_bytes(), sizeof(Forecast) + 8 * 3 * sizeof(std::uint32_t));
}

}  // namespace
}  // namespace policy::decide
