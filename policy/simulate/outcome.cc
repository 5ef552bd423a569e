#include "policy/simulate/outcome.h"

#include <algorithm>

#include "policy/decide/decide.h"

namespace policy::simulate {
namespace {

using base::Seconds;
using model::Effect;
using Line = std::vector<model::Stretch>;

Seconds closed_in(const Line& line) {
  Seconds sum;
  for (const model::Stretch& stretch : line)
    if (stretch.effect != Effect::kDeliver) sum = sum + (stretch.span.end - stretch.span.begin);
  return sum;
}

// `line` covers the instant.
Effect effect_at(const Line& line, base::Instant instant) {
  const auto behind =
      std::ranges::upper_bound(line, instant, {}, [](const model::Stretch& stretch) { return stretch.span.begin; });
  return std::prev(behind)->effect;
}

bool without_facts(const model::PersonFacts& facts) {
  return facts.roster.empty() && facts.interruptions.empty() && facts.overrides.empty() && facts.self_openings.empty();
}

}  // namespace

Outcome Counter::counted(const model::PersonFacts& facts) const {
  Outcome out;
  for (const model::MessageClass c : model::kMessageClasses) {
    const Line before = decide::timeline(before_, facts, c, span_), after = decide::timeline(after_, facts, c, span_);
    const auto index = static_cast<std::size_t>(c);
    out.closed[before_of(index)] = closed_in(before);
    out.closed[after_of(index)] = closed_in(after);
    if (c != model::MessageClass::kAlarm) continue;
    for (const model::Interruption& interruption : facts.interruptions) {
      const base::Instant at = interruption.span.begin;
      if (!span_.contains(at)) continue;
      ++out.interruptions;
      if (effect_at(before, at) == Effect::kDeliver && effect_at(after, at) != Effect::kDeliver) ++out.avoided;
    }
  }
  return out;
}

const Outcome& Counter::without_roster(const std::vector<std::string>& groups) {
  const auto known = without_roster_.find(groups);
  if (known != without_roster_.end()) return known->second;
  model::PersonFacts facts;
  facts.groups = groups;
  return without_roster_.emplace(groups, counted(facts)).first->second;
}

Outcome Counter::outcome_of(const model::PersonFacts& facts, std::size_t unit) {
  const Outcome& plain = without_roster(facts.groups);
  Outcome out = without_facts(facts) ? plain : counted(facts);
  out.unit = unit;
  for (std::size_t j = 0; j < kHourColumns; ++j)
    out.known[j] = out.closed[j] == Seconds{} || out.closed[j] == plain.closed[j];
  return out;
}

}  // namespace policy::simulate
