// The proof without a roster: is there any person at all for whom a claim fails? Every class of the claim, every
// combination of the groups that the rules name, every end and begin of duty, on call or not, absent or not,
// interrupted any number of times, on every date from kFirstYear to kLastYear.
//
//   holds       Z3 shows that no such state exists.
//   fails       Z3 names one; it is turned into a roster, and decide() on that roster breaks the claim indeed.
//   not proven  neither: Z3 gave up within its effort (prove.too-hard), a counterexample could not be confirmed
//               (prove.unconfirmed), nothing fails with one interruption but several could not be excluded
//               (prove.repeated-interruptions), or a rule cannot be expressed (prove.not-expressible).
//
// Labels do not appear because no decision depends on one. Overrides and own openings are left out as in a sweep.
// Deterministic: the effort is counted in Z3's own steps, not in seconds.
#pragma once

#include <memory>
#include <string>

#include "policy/prove/report.h"

namespace policy::prove::symbolic {

// `claim`: the id of one claim, or empty for all. Errors: prove.no-claims, prove.unknown-claim.
base::Result<Report> prove(const std::shared_ptr<const pack::RuleSet>& rules, const std::string& claim);

// Does the claim fail for this person, as decide() answers? Looks at the duty, day, week or instant around `at`.
std::optional<Shortfall> replay(const pack::RuleSet& rules, const pack::ClaimRule& claim,
                                const model::PersonFacts& facts, base::Interval at);

}  // namespace policy::prove::symbolic
