// What a claim looks at, from the facts about a person. Pure; inside of policy/prove.
#pragma once

#include "policy/decide/subject.h"
#include "policy/model/facts.h"
#include "policy/pack/rules.h"
#include "policy/time/interval_set.h"

namespace policy::prove {

// The calendar weeks that begin within the span.
std::vector<base::Interval> weeks_of(const time::Zone& zone, base::Interval span);

// Begins of the interruptions that break a rest of this claim, sorted.
std::vector<base::Instant> breaks_of(const pack::ClaimRule& claim, const model::PersonFacts& facts);

// The person's duties as the claim's pack sees them: whole, for every duty that begins or ends within `span`, and the
// one that follows.
std::vector<base::Interval> duties_of(const decide::Subject& subject, const pack::ClaimRule& claim,
                                      base::Interval span);

// Where it must be quiet for a claim of the kind never-delivers. `duties` as the claim's pack sees them.
time::IntervalSet wanted_quiet(const pack::ClaimRule& claim, const model::PersonFacts& facts,
                               std::span<const base::Interval> duties, base::Interval span);

}  // namespace policy::prove
