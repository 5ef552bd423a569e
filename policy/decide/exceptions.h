// When exceptions are in force for one person: on call, within a window, by an override that somebody in a role
// granted, by an opening of the person's own. They pierce closings; they never move one (design § 4 "Combination").
//
// Pure functions of rules and facts. What an exception does not admit counts for nothing: another role, a reason
// outside its list, more than its limit in a calendar week. What lasts too long ends at its longest duration.
#pragma once

#include <optional>
#include <vector>

#include "policy/decide/subject.h"
#include "policy/model/facts.h"
#include "policy/pack/rules.h"
#include "policy/time/interval_set.h"

namespace policy::decide {

// An exception that is for this person and pierces at least one rule that is.
struct InForce {
  const pack::ExceptionRule* rule = nullptr;
  time::IntervalSet when;  // within the span that was asked for
};

// In the order of Rules::exceptions; those that are never in force within `span` are left out, and, asked about fewer
// classes than all, those that change nothing for any of them. The subject is evaluable. The references live as long as
// its rules.
std::vector<InForce> exceptions_in_force(const Subject& subject, base::Interval span, pack::ClassSet classes);
// For whoever has no Subject, all classes.
std::vector<InForce> exceptions_in_force(const pack::Rules& rules, const model::PersonFacts& facts,
                                         base::Interval span);

// The part of an override that counts, or nothing. `candidate` need not be among facts.overrides: so a gateway asks
// before it grants one. Of the overrides of one exception that begin in the same calendar week (Monday to Monday, zone
// of the exception's pack) the first `per_week` count, by begin, then by end; those that the exception would not admit
// anyway take no place.
std::optional<base::Interval> counted_part(const pack::RuleSet& rules, const model::PersonFacts& facts,
                                           const model::Override& candidate);

}  // namespace policy::decide
