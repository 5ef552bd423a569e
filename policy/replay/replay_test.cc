#include "policy/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/decide/decide.h"

namespace policy::replay {
namespace {

using base::Instant;
using base::Seconds;
using testing::ElementsAre;

constexpr std::int64_t kStart = 1780272000;  // 2026-06-01T00:00:00Z

struct World {
  std::string pack;
  std::vector<pack::CalendarSource> calendars;
  std::shared_ptr<const pack::RuleSet> rules;
  bundle::Pins pins;
  model::PersonFacts facts;
};

std::string pack_text(int rest_h, int from_h, const std::string& zone) {
  return "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"" + zone +
         "\"\nholidays = \"XX\"\nsigners = [\"administration\", \"staff-council\"]\n"
         "[[rest]]\nid = \"rest.daily\"\nkind = \"after-duty\"\nminimum = \"" +
         std::to_string(rest_h) +
         "h\"\neffect = { alarm = \"deliver\" }\n[[rest]]\nid = \"rest.Night_1\"\nkind = \"window\"\n"
         "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"holiday\"]\nfrom = " +
         std::to_string(from_h) +
         ":00:00\nto = 06:00:00\nunless = [\"on-call\"]\neffect = { urgent = \"silent\", alarm = \"deliver\" }\n"
         "applies = { groups = [\"wache\"] }\n[[rest]]\nid = \"rest.absence\"\nkind = \"absence\"\n";
}

std::vector<pack::CalendarSource> calendar(int day) {
  return {{"xx.csv", "when,places,first,last,de,en,cite\n06-0" + std::to_string(day) + ",XX,,,Tag,Day,test\n"}};
}

World world_of(std::string pack, std::vector<pack::CalendarSource> calendars, model::PersonFacts facts) {
  World world{std::move(pack), std::move(calendars), nullptr, {}, std::move(facts)};
  world.rules = pack::load_packs(std::vector{pack::PackSource{"p", world.pack}}, world.calendars).value();
  world.pins = bundle::pins_of(*world.rules, base::sha256(world.pack));
  return world;
}

base::Interval any_span(std::int64_t length_max) {
  const std::int64_t begin = kStart + *rc::gen::inRange<std::int64_t>(0, 14 * 86400);
  return {{begin}, {begin + *rc::gen::inRange<std::int64_t>(1, length_max)}};
}

model::PersonFacts any_facts() {
  model::PersonFacts facts;
  facts.person = "p" + std::to_string(*rc::gen::inRange(0, 1000));
  if (*rc::gen::arbitrary<bool>()) facts.groups.push_back("wache");
  for (int n = *rc::gen::inRange(1, 12); n > 0; --n)
    facts.roster.push_back({static_cast<model::RosterKind>(*rc::gen::inRange(0, 6)), any_span(12 * 3600)});
  for (int n = *rc::gen::inRange(0, 3); n > 0; --n) facts.interruptions.push_back({any_span(3600)});
  const auto begin = [](const auto& one) { return one.span.begin; };
  std::ranges::sort(facts.roster, {}, begin);
  std::ranges::sort(facts.interruptions, {}, begin);
  return facts;
}

World any_world() {
  return world_of(pack_text(*rc::gen::inRange(1, 14), *rc::gen::inRange(18, 24), "Europe/Berlin"),
                  calendar(*rc::gen::inRange(1, 10)), any_facts());
}

constexpr base::Sha256 kKey{7, 7, 7};

HeldEntry logged(const World& world) {
  const auto message_class = static_cast<model::MessageClass>(*rc::gen::inRange(0, 4));
  const Instant now{kStart + *rc::gen::inRange<std::int64_t>(0, 14 * 86400)};
  const auto decision = decide::decide(*world.rules, world.facts, message_class, now);
  return entry_of(decision, message_class, now, world.pins, committed(kKey, input_of(world.facts)));
}

std::vector<std::string> parts(const Outcome& outcome) {
  std::vector<std::string> out;
  for (const auto& difference : outcome.differences) out.emplace_back(difference.part);
  return out;
}

// As the log's reader prints it.
std::vector<std::pair<std::string, std::string>> fields_of(const HeldEntry& entry) {
  std::string rules;
  for (const auto& id : entry.rules) rules += (rules.empty() ? "" : ", ") + id;
  return {{"recipient", "00"},
          {"message_class", std::string(name_of(entry.message_class))},
          {"effect", std::string(name_of(entry.effect))},
          {"rules", rules},
          {"until", base::format_instant(entry.until)},
          {"decided_at", base::format_instant(entry.decided_at)},
          {"bundle", base::to_hex(entry.pins.rules)},
          {"tzdata", base::to_hex(entry.pins.tzdata)},
          {"holidays", base::to_hex(entry.pins.holidays)},
          {"input", base::to_hex(entry.input)}};
}

TEST(Replay, EveryLoggedDecisionIsFoundAgain) {
  EXPECT_TRUE(rc::check("any world", [] {
    const World world = any_world();
    const HeldEntry entry = logged(world);
    const HeldEntry read = read_entry(fields_of(entry)).value();
    RC_ASSERT(read == entry);
    const Outcome outcome = replay(read, *world.rules, world.pins, world.facts, kKey);
    RC_ASSERT(outcome.same());
    RC_ASSERT(outcome.logged == outcome.again);
  }));
}

// Whatever fact is another one, the input is named.
TEST(Replay, AnotherFactIsNamed) {
  EXPECT_TRUE(rc::check("any fact", [] {
    const World world = any_world();
    const HeldEntry entry = logged(world);
    model::PersonFacts facts = world.facts;
    auto& duty = facts.roster[*rc::gen::inRange<std::size_t>(0, facts.roster.size())];
    switch (*rc::gen::inRange(0, 7)) {
      case 0: facts.person += "x"; break;
      case 1: facts.groups.push_back("leitstelle"); break;
      case 2: duty.span.end = duty.span.end + Seconds{1}; break;
      case 3:
        duty.kind = duty.kind == model::RosterKind::kSick ? model::RosterKind::kDuty : model::RosterKind::kSick;
        break;
      case 4: facts.roster.pop_back(); break;
      case 5: facts.interruptions.push_back({{Instant{kStart + 30 * 86400}, Instant{kStart + 31 * 86400}}}); break;
      default: facts.self_openings.push_back({{Instant{kStart}, Instant{kStart + 60}}}); break;
    }
    const Outcome outcome = replay(entry, *world.rules, world.pins, facts, kKey);
    RC_ASSERT(!outcome.same());
    RC_ASSERT(outcome.differences.front().part == "input");
  }));
}

TEST(Replay, OtherRulesZonesAndHolidaysAreNamed) {
  EXPECT_TRUE(rc::check("any rule", [] {
    const World world = any_world();
    const HeldEntry entry = logged(world);
    const auto with = [&](std::string text, std::vector<pack::CalendarSource> calendars) {
      const World other = world_of(std::move(text), std::move(calendars), world.facts);
      return parts(replay(entry, *other.rules, other.pins, other.facts, kKey));
    };
    const auto rules = with(world.pack + "# one byte\n", world.calendars);
    RC_ASSERT(rules == std::vector<std::string>{"bundle"});
    std::string lisbon = world.pack;
    lisbon.replace(lisbon.find("Europe/Berlin"), 13, "Europe/Lisbon");
    const auto zone = with(lisbon, world.calendars);
    RC_ASSERT(zone.size() >= 2U);
    RC_ASSERT(zone[0] == "bundle");
    RC_ASSERT(zone[1] == "tzdata");
    const auto holidays = with(world.pack, {{"xx.csv", world.calendars[0].csv + "07-14,XX,,,Tag,Day,test\n"}});
    RC_ASSERT(!holidays.empty());
    RC_ASSERT(holidays[0] == "holidays");
  }));
}

TEST(Replay, AnotherKeyOrAnAlteredEntryIsNamed) {
  EXPECT_TRUE(rc::check("any entry", [] {
    const World world = any_world();
    const HeldEntry entry = logged(world);
    const auto named = [&](const HeldEntry& altered) {
      return parts(replay(altered, *world.rules, world.pins, world.facts, kKey));
    };
    RC_ASSERT(parts(replay(entry, *world.rules, world.pins, world.facts, {})) == std::vector<std::string>{"input"});
    HeldEntry effect = entry, rules = entry, until = entry;
    effect.effect = entry.effect == model::Effect::kHold ? model::Effect::kSilent : model::Effect::kHold;
    rules.rules.emplace_back("rest.other");
    until.until = until.until - Seconds{1};
    for (const HeldEntry& altered : {effect, rules, until})
      RC_ASSERT(named(altered) == std::vector<std::string>{"decision"});
  }));
}

TEST(Replay, WhatTheLogCannotHoldIsUnknown) {
  model::Decision decision;
  decision.rules = {"rest.daily", "rest.Night_1", std::string(65, 'a')};
  EXPECT_THAT(recorded_rules(decision), ElementsAre("rest.daily", "unknown", "unknown"));
  decision.rules.assign(20, "a");
  EXPECT_EQ(recorded_rules(decision).size(), kRecordedRulesMax);
}

TEST(Entry, NamesWhatIsMissingOrWrong) {
  const HeldEntry entry;
  const auto good = fields_of(entry);
  for (std::size_t i = 1; i < good.size(); ++i) {
    auto fields = good;
    fields[i].second = "?";
    if (good[i].first != "rules") {
      EXPECT_EQ(read_entry(fields).error().code, "held.value") << good[i].first;
      EXPECT_EQ(read_entry(fields).error().where, good[i].first);
    }
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(read_entry(fields).error().code, "held.missing") << good[i].first;
  }
  EXPECT_EQ(read_entry({}).error().code, "held.missing");
}

}  // namespace
}  // namespace policy::replay
