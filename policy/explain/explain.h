// A decision in words, German and English from the same trace (design § 2 rule 6).
#pragma once

#include <string>

#include "policy/base/instant.h"
#include "policy/base/words/language.h"
#include "policy/model/decision.h"
#include "policy/model/facts.h"
#include "policy/pack/rule_set.h"

namespace policy::explain {

using base::words::Language;

// A few sentences: what happens to the class now, by which rule and source, and when it changes, in the zone of the
// rules: "Routine messages are held until 06:00 on Tuesday 24 November 2026 (CET). Reason: rest after duty of 11h (rule
// rest.daily, ArbZG § 5 (1)). Then this changes."
std::string explain(const pack::RuleSet& rules, const model::PersonFacts& facts, model::MessageClass message_class,
                    base::Instant now, const model::Decision& decision, Language language);

}  // namespace policy::explain
