// The decision: a pure function of rules, facts and an instant (design § 2 rule 1, § 4).
//
// No clock, file, thread or randomness. Fails closed: a rule that cannot be evaluated for these facts counts as a
// closing that holds, and is named in the decision.
#pragma once

#include <array>
#include <vector>

#include "policy/base/instant.h"
#include "policy/model/decision.h"
#include "policy/model/facts.h"
#include "policy/pack/rule_set.h"

namespace policy::decide {

// `until` differs in effect, `until − 1 s` does not. Thread-safe.
model::Decision decide(const pack::RuleSet& rules, const model::PersonFacts& facts, model::MessageClass message_class,
                       base::Instant now);

// All four classes at once, as a gate needs it.
struct GateState {
  std::array<model::Effect, model::kMessageClassCount> effects{};
  base::Instant until = base::kEndOfTime;  // the first instant at which any of the four changes
  bool operator==(const GateState&) const = default;
};
GateState gate_state(const pack::RuleSet& rules, const model::PersonFacts& facts, base::Instant now);

// Covers `span` without gaps; neighbours differ in effect or rules.
std::vector<model::Stretch> timeline(const pack::RuleSet& rules, const model::PersonFacts& facts,
                                     model::MessageClass message_class, base::Interval span);

}  // namespace policy::decide
