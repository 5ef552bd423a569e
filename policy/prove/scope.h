// What a proof speaks of and what it does not: the claims asked for, the rules to be covered, the exceptions that can
// lift a claim, the families of the packs that are none of its business. Inside of policy/prove.
#pragma once

#include "policy/prove/report.h"

namespace policy::prove {

// One claim, or all if `id` is empty. Errors: prove.no-claims, prove.unknown-claim.
base::Result<std::vector<const pack::ClaimRule*>> claims_of(const pack::Rules& rules, const std::string& id);

// The zone in which a claim counts weeks: that of its pack, else that of all packs.
const time::Zone& zone_of(const pack::Rules& rules, const pack::ClaimRule& claim);

// One pack by itself, as its own text has it: nothing adapted, pierced only by its own exceptions. The rules of other
// packs keep their places and close for nobody; core hours stay, since they are a fact about people.
pack::Rules alone(const pack::Rules& rules, const std::string& pack);

// Every rule to be covered, none covered yet.
Report blank_report(const pack::Rules& rules);
ClaimReport blank_claim(const pack::Rules& rules, const pack::ClaimRule& claim);

// Of all zones in which packs of the set read the clock.
std::vector<base::Instant> clock_changes(const pack::Rules& rules, base::Interval span);

}  // namespace policy::prove
