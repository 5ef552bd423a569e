#include "gateway/gates/gate_keeper.h"

#include <gtest/gtest.h>

#include <set>

#include "policy/replay/replay.h"

namespace gateway::gates {
namespace {

using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using policy::model::PersonFacts;
using policy::model::RosterKind;

constexpr std::string_view kPack = R"toml(
[pack]
id = "test"
layer = "agreement"
version = 1
zone = "Europe/Berlin"
title = { de = "Prüfung", en = "Test" }
signers = ["administration"]

[[rest]]
id = "rest.off-duty"
kind = "off-duty"
cite = "test"
effect = { routine = "hold", urgent = "hold", alarm = "deliver" }

[[rest]]
id = "rest.daily"
kind = "after-duty"
minimum = "11h"
restart = "always"
cite = "ArbZG § 5 (1)"
effect = { routine = "hold", urgent = "hold", alarm = "deliver" }
)toml";

const Instant kMorning = policy::base::parse_instant("2026-11-23T08:00:00Z").value();
const Instant kEvening = policy::base::parse_instant("2026-11-23T16:00:00Z").value();

std::shared_ptr<const policy::pack::RuleSet> rules_of(const std::string& pack) {
  const std::vector<policy::pack::PackSource> sources{{"test", pack}};
  auto rules = policy::pack::load_packs(sources);
  if (!rules) ADD_FAILURE() << policy::base::to_string(rules.error().front());
  return *rules;
}

std::shared_ptr<const World> world_with(std::initializer_list<std::string> people) {
  auto world = std::make_shared<World>();
  world->rules = rules_of(std::string(kPack));
  for (const auto& person : people)
    world->people[person] = PersonFacts{person, {}, {{RosterKind::kDuty, {kMorning, kEvening}}}, {}, {}, {}};
  return world;
}

Effect routine(const GateState& state) { return state.effects[0]; }

TEST(GateKeeper, OpensAndClosesAtTheSecond) {
  GateKeeper keeper(world_with({"ada"}));
  EXPECT_EQ(routine(keeper.watch("ada", kMorning - policy::base::Seconds{10})), Effect::kHold);
  EXPECT_TRUE(keeper.advance(kMorning - policy::base::Seconds{1}).empty());
  const auto opened = keeper.advance(kMorning);
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(opened[0].person, "ada");
  EXPECT_EQ(routine(opened[0].state), Effect::kDeliver);
  EXPECT_TRUE(keeper.advance(kMorning + policy::base::Seconds{1}).empty());
  const auto closed = keeper.advance(kEvening);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(class_bits(closed[0].state, true), 8U);  // the alarm passes
}

TEST(GateKeeper, SomebodyUnknownIsHeldWhateverTheClass) {
  GateKeeper keeper(world_with({}));
  EXPECT_EQ(class_bits(keeper.watch("nobody", kMorning), true), 0U);
  EXPECT_EQ(keeper.decide("nobody", MessageClass::kAlarm, kMorning).effect, Effect::kHold);
}

TEST(GateKeeper, AClockSetBackIsNoticed) {
  GateKeeper keeper(world_with({"ada"}));
  keeper.watch("ada", kMorning + kHour);
  keeper.advance(kMorning + kHour);
  const auto changes = keeper.advance(kMorning - kHour);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(routine(changes[0].state), Effect::kHold);
}

TEST(GateKeeper, WatchersAreCounted) {
  GateKeeper keeper(world_with({"ada"}));
  keeper.watch("ada", kMorning);
  keeper.watch("ada", kMorning);
  keeper.unwatch("ada");
  EXPECT_EQ(keeper.watched(), 1U);
  keeper.unwatch("ada");
  keeper.unwatch("ada");
  EXPECT_EQ(keeper.watched(), 0U);
  EXPECT_TRUE(keeper.advance(kEvening).empty());
}

TEST(GateKeeper, NewRulesChangeRunningGates) {
  GateKeeper keeper(world_with({"ada"}));
  keeper.watch("ada", kMorning);
  const auto changes = keeper.replace(world_with({}), kMorning);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(class_bits(changes[0].state, true), 0U);
}

TEST(GateKeeper, AnInterruptionIsRememberedInOrder) {
  GateKeeper keeper(world_with({"ada"}));
  keeper.watch("ada", kEvening);
  const auto at = [](Instant t) { return policy::model::Interruption{{t, t + policy::base::Seconds{1}}}; };
  keeper.interrupt("ada", at(kEvening + kHour + kHour), kEvening);
  keeper.interrupt("ada", at(kEvening + kHour), kEvening);
  ASSERT_EQ(keeper.facts("ada")->interruptions.size(), 2U);
  EXPECT_EQ(keeper.facts("ada")->interruptions[0].span.begin, kEvening + kHour);
  EXPECT_TRUE(keeper.interrupt("nobody", at(kEvening), kEvening).empty());
}

TEST(GateKeeper, WhoLeavesTakesNobodyElseOutOfTheAgenda) {
  GateKeeper keeper(world_with({"ada", "ben", "cem", "dua"}));
  for (const char* const person : {"ada", "ben", "cem", "dua"}) keeper.watch(person, kMorning - kHour);
  keeper.unwatch("ben");
  keeper.unwatch("dua");
  std::set<std::string> changed;
  for (const auto& change : keeper.advance(kMorning)) changed.insert(change.person);
  EXPECT_EQ(changed, (std::set<std::string>{"ada", "cem"}));
}

TEST(GateKeeper, AnInterruptionMovesTheGateThatWasForeseen) {
  auto world = std::make_shared<World>(*world_with({"ada"}));
  auto& roster = world->people["ada"].roster;
  roster.push_back({RosterKind::kDuty, {kEvening + Seconds{12 * 3600}, kEvening + Seconds{20 * 3600}}});
  const std::string pack(kPack);  // without the first of its rules
  const std::size_t off_duty = pack.find("[[rest]]"), daily = pack.find("[[rest]]", off_duty + 1);
  world->rules = rules_of(pack.substr(0, off_duty) + pack.substr(daily));
  GateKeeper keeper(world);
  EXPECT_EQ(keeper.watch("ada", kEvening).until, kEvening + Seconds{11 * 3600});
  const Instant call = kEvening + Seconds{1800};
  keeper.interrupt("ada", {{call, call + Seconds{1}}}, call);
  EXPECT_EQ(keeper.state("ada", call).until, call + Seconds{11 * 3600});
  EXPECT_EQ(keeper.decide("ada", MessageClass::kUrgent, call).until, call + Seconds{11 * 3600});
  EXPECT_TRUE(keeper.advance(kEvening + Seconds{11 * 3600}).empty());
  EXPECT_EQ(keeper.advance(call + Seconds{11 * 3600}).size(), 1U);
}

constexpr std::string_view kOpenable = R"toml(
[[exception]]
id = "exception.einsatz"
when = "override"
role = "einsatzleitung"
reasons = ["grosslage"]
longest = "4h"
limit = { count = 2, per = "week" }
pierces = ["rest.off-duty", "rest.daily"]
classes = ["urgent"]
cite = "test"

[self_open]
max = "2h"
cite = "test"
)toml";

std::shared_ptr<World> openable_world() {
  auto world = std::make_shared<World>(*world_with({"ada"}));
  world->rules = rules_of(std::string(kPack) + std::string(kOpenable));
  return world;
}

Openings override_at(std::uint64_t version, Instant begin, Instant end) {
  return {version, {{"exception.einsatz", "einsatzleitung", "grosslage", {begin, end}}}, {}};
}

Effect urgent(const GateState& state) { return state.effects[2]; }

TEST(GateKeeper, AnOverrideActsAtOnceAndEndsAtItsSecond) {
  GateKeeper keeper(openable_world());
  const Instant now = kEvening + kHour;
  EXPECT_EQ(urgent(keeper.watch("ada", now)), Effect::kHold);
  const auto opened = keeper.open("ada", override_at(1, now, now + kHour), now);
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(urgent(opened[0].state), Effect::kDeliver);
  EXPECT_EQ(routine(opened[0].state), Effect::kHold) << "only what the exception names";
  EXPECT_EQ(opened[0].state.until, now + kHour);
  EXPECT_TRUE(keeper.advance(now + kHour - Seconds{1}).empty());
  const auto closed = keeper.advance(now + kHour);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(urgent(closed[0].state), Effect::kHold);
}

TEST(GateKeeper, AWorldThatWasBuiltBeforeAnOpeningDoesNotTakeItAway) {
  GateKeeper keeper(openable_world());
  const Instant now = kEvening + kHour;
  keeper.watch("ada", now);
  keeper.open("ada", override_at(5, now, now + kHour), now);
  auto older = openable_world();
  older->openings_version = 4;
  EXPECT_TRUE(keeper.replace(older, now).empty());
  EXPECT_EQ(urgent(keeper.state("ada", now)), Effect::kDeliver);
  // One that knows it, or what came after it, is believed.
  auto newer = openable_world();
  newer->openings_version = 5;
  ASSERT_EQ(keeper.replace(newer, now).size(), 1U);
  EXPECT_EQ(urgent(keeper.state("ada", now)), Effect::kHold);
  EXPECT_TRUE(keeper.open("ada", override_at(5, now, now + kHour), now).empty()) << "told late, already in the world";
  EXPECT_EQ(urgent(keeper.state("ada", now)), Effect::kHold);
}

TEST(GateKeeper, AnOpeningOfOnesOwnIsClosedAgainAndKeepsInterruptions) {
  GateKeeper keeper(openable_world());
  const Instant now = kEvening + kHour;
  keeper.watch("ada", now);
  keeper.interrupt("ada", {{now, now + Seconds{1}}}, now);
  ASSERT_EQ(keeper.open("ada", {1, {}, {{{now, now + kHour}}}}, now).size(), 1U);
  EXPECT_EQ(routine(keeper.state("ada", now)), Effect::kDeliver);
  EXPECT_EQ(keeper.facts("ada")->interruptions.size(), 1U);
  ASSERT_EQ(keeper.open("ada", {2, {}, {{{now, now + Seconds{60}}}}}, now + Seconds{60}).size(), 1U);
  EXPECT_EQ(routine(keeper.state("ada", now + Seconds{60})), Effect::kHold);
  EXPECT_TRUE(keeper.open("nobody", {3, {}, {}}, now).empty());
}

// Weeks of shifts in steps of some minutes: whatever was foreseen, kept or made anew, it is what the rules say now, and
// each change is told once.
TEST(GateKeeper, SaysForWeeksWhatTheRulesSay) {
  auto world = std::make_shared<World>(*world_with({}));
  for (int person = 0; person < 40; ++person) {
    auto& facts = world->people["p" + std::to_string(person)];
    for (int day = 0; day < 40; ++day) {
      const Instant begin = kMorning + Seconds{86400LL * day + 3600LL * ((person + day) % 5)};
      const auto kind = day % 7 == 3 ? RosterKind::kOnCall : day % 7 == 6 ? RosterKind::kSick : RosterKind::kDuty;
      facts.roster.push_back({kind, {begin, begin + Seconds{5 * 3600 + 60 * person}}});
    }
  }
  GateKeeper keeper(world);
  std::map<std::string, GateState> told;
  for (const auto& [person, facts] : world->people) told[person] = keeper.watch(person, kMorning);
  std::size_t changes = 0;
  for (Instant now = kMorning; now < kMorning + Seconds{45 * 86400}; now = now + Seconds{17 * 60}) {
    for (const auto& change : keeper.advance(now)) {
      EXPECT_NE(told[change.person].effects, change.state.effects);
      told[change.person] = change.state;
      ++changes;
    }
    for (const auto& [person, facts] : world->people) {
      const GateState state = policy::decide::gate_state(*world->rules, facts, now);
      ASSERT_EQ(keeper.state(person, now), state) << person << " " << policy::base::format_instant(now);
      ASSERT_EQ(told[person].effects, state.effects) << person << " " << policy::base::format_instant(now);
      ASSERT_EQ(keeper.decide(person, MessageClass::kRoutine, now),
                policy::decide::decide(*world->rules, facts, MessageClass::kRoutine, now));
    }
  }
  EXPECT_GT(changes, 40U * 40U);
}

// What the log commits to follows the facts, remembered or not.
TEST(GateKeeper, InputIsThatOfTheFactsInForce) {
  GateKeeper keeper(world_with({"ada", "ben"}));
  const auto of = [&](const char* person) { return policy::replay::input_of(*keeper.facts(person)); };
  EXPECT_EQ(keeper.input("ada"), of("ada"));
  const auto before = keeper.input("ada");
  EXPECT_NE(keeper.input("ben"), before);
  keeper.interrupt("ada", {{kEvening + kHour, kEvening + kHour + policy::base::Seconds{1}}}, kEvening + kHour);
  EXPECT_NE(keeper.input("ada"), before);
  EXPECT_EQ(keeper.input("ada"), of("ada"));
  keeper.replace(world_with({"ada"}), kEvening + kHour);
  EXPECT_EQ(keeper.input("ada"), before);
  EXPECT_EQ(keeper.input("ben"), policy::base::Sha256{});
}

}  // namespace
}  // namespace gateway::gates
