#include "gateway/gates/gate_keeper.h"

#include <gtest/gtest.h>

namespace gateway::gates {
namespace {

using policy::base::Instant;
using policy::base::kHour;
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

std::shared_ptr<const World> world_with(std::initializer_list<std::string> people) {
  auto world = std::make_shared<World>();
  const std::vector<policy::pack::PackSource> sources{{"test", std::string(kPack)}};
  auto rules = policy::pack::load_packs(sources);
  if (!rules) ADD_FAILURE() << policy::base::to_string(rules.error().front());
  world->rules = *rules;
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

}  // namespace
}  // namespace gateway::gates
