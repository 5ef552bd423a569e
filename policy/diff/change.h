// Where two sets of rules decide differently for one person: exact intervals, per class. Pure.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "policy/base/instant.h"
#include "policy/model/decision.h"
#include "policy/model/facts.h"
#include "policy/pack/rule_set.h"

namespace policy::diff {

// A stretch of time in which the effect for a class is another one, with the rules that make it (as in a Decision).
struct Change {
  model::MessageClass message_class = model::MessageClass::kRoutine;
  base::Interval span;
  model::Effect before = model::Effect::kDeliver;
  model::Effect after = model::Effect::kDeliver;
  std::vector<std::string> rules_before, rules_after;
  auto operator<=>(const Change&) const = default;
};

// kReasons also reports stretches in which only the rules differ that a decision names; then before == after.
enum class Look : std::uint8_t { kEffects, kReasons };

// Every difference within `span`, cut to it, by class and then by time. Neighbours that touch differ in something.
// Empty if and only if the two sets decide alike for this person at every instant of the span.
std::vector<Change> changes_of(const pack::RuleSet& before, const pack::RuleSet& after, const model::PersonFacts& facts,
                               base::Interval span, Look look = Look::kEffects);

// Does a change protect more, less, or, over several of them, both?
enum class Direction : std::uint8_t { kNone, kMore, kLess, kBoth };
constexpr Direction both(Direction a, Direction b) {
  return static_cast<Direction>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr Direction direction_of(model::Effect before, model::Effect after) {
  if (before == after) return Direction::kNone;
  return after > before ? Direction::kMore : Direction::kLess;
}
std::string_view name_of(Direction direction);  // "none", "more", "less", "both"

using ByClass = std::array<Direction, model::kMessageClassCount>;
void add_directions(const std::vector<Change>& changes, ByClass& directions);

}  // namespace policy::diff
