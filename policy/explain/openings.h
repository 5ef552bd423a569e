// What lets a class pass at an instant although closings are in force, in words: every exception that is in force for
// the person then. Inside of policy/explain.
#pragma once

#include <functional>
#include <string>

#include "policy/explain/explain.h"
#include "policy/pack/rules.h"

namespace policy::explain {

// Sentences, each with a leading space, or nothing. The facts are evaluable. `moment` says an instant in `language`. An
// own opening is named too: whoever reads this for somebody else leaves facts.self_openings empty, since it is nobody's
// business (design § 4).
std::string openings(const pack::RuleSet& rules, const model::PersonFacts& facts, model::MessageClass message_class,
                     base::Instant now, Language language, const std::function<std::string(base::Instant)>& moment);

}  // namespace policy::explain
