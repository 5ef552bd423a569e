// What rules must bring along before anybody signs them, and by whom they are signed. Asked when a bundle is made and
// again when it is verified.
//
// Pure; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "policy/base/result.h"
#include "policy/bundle/bundle.h"
#include "policy/pack/rule_set.h"

namespace policy::bundle {

constexpr std::size_t kPartiesMin = 2;  // four eyes

// Errors: bundle.terms, bundle.tenant.
std::vector<base::Error> check_terms(const Terms& terms);

// The union of `signers` of all packs, sorted.
std::vector<std::string> signers_of(const pack::RuleSet& rules);

// Errors: bundle.signers, bundle.party, bundle.unset-parameter.
std::vector<base::Error> check_agreed(const pack::RuleSet& rules);

}  // namespace policy::bundle
