// Rules that speak against each other or against themselves.
#include <algorithm>

#include "policy/check/collector.h"

namespace policy::check {
namespace {

using model::Effect;
using pack::ClaimKind;

bool closes_any(const pack::RestRule& rule, const pack::ClassSet& classes) {
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c] && rule.effects[c] != Effect::kDeliver) return true;
  return false;
}

// Rests that the claim leans on: those after duty for the kinds that count rest, any for the others.
bool bears(const pack::ClaimRule& claim, const pack::RestRule& rule) {
  if (rule.head.pack != claim.head.pack || !closes_any(rule, claim.classes)) return false;
  const bool about_duty = rule.kind == pack::RestKind::kAfterDuty || rule.kind == pack::RestKind::kOffDuty;
  return claim.kind == ClaimKind::kNeverDelivers || claim.kind == ClaimKind::kAtLeastAsProtective || about_duty;
}

// Another rest of the pack closes all the same, and the exception does not pierce it.
bool borne_otherwise(const pack::ClaimRule& claim, const pack::ExceptionRule& exception, std::size_t message_class,
                     const pack::Rules& rules) {
  for (std::size_t i = 0; i < rules.rests.size(); ++i) {
    const pack::RestRule& rule = rules.rests[i];
    if (std::ranges::find(exception.pierces, i) != exception.pierces.end() || !bears(claim, rule)) continue;
    const bool long_enough =
        rule.unset || rule.kind != pack::RestKind::kAfterDuty || !claim.minimum || rule.terms.minimum >= *claim.minimum;
    if (rule.effects[message_class] != Effect::kDeliver && long_enough) return true;
  }
  return false;
}

void find_pierced_claims(const pack::ClaimRule& claim, Collector& found) {
  const pack::Rules& rules = found.rules();
  for (const pack::ExceptionRule& exception : rules.exceptions) {
    if (exception.head.pack != claim.head.pack) continue;
    for (const std::size_t rest : exception.pierces) {
      const pack::RestRule& rule = rules.rests[rest];
      const auto contradicts = [&](model::MessageClass one) {
        const std::size_t c = pack::index_of(one);
        return exception.classes[c] && claim.classes[c] && rule.effects[c] != Effect::kDeliver &&
               !borne_otherwise(claim, exception, c, rules);
      };
      if (!bears(claim, rule) || std::ranges::none_of(model::kMessageClasses, contradicts)) continue;
      found.add("finding.pierces-claim", exception.head,
                "exception '" + exception.head.id + "' pierces rule '" + rule.head.id + "', which claim '" +
                    claim.head.id + "' needs, for a class that the claim names",
                "take the class out of the claim, or the rule out of pierces");
    }
  }
}

void find_open_claim(const pack::ClaimRule& claim, Collector& found) {
  const pack::Rules& rules = found.rules();
  if (claim.kind == ClaimKind::kAtLeastAsProtective) return;  // holds of what closes nothing, too
  for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
    if (!claim.classes[c]) continue;
    pack::ClassSet one;
    one.set(c);
    if (std::ranges::any_of(rules.rests, [&](const pack::RestRule& rule) { return closes_any(rule, one); })) continue;
    found.add("finding.claim-open", claim.head,
              "claim '" + claim.head.id + "' names class '" + std::string(name_of(model::kMessageClasses[c])) +
                  "', which no rest closes",
              "add a [[rest]] for the class, or take it out of the claim");
  }
}

void look_at_terms(const pack::RestRule& rule, Collector& found) {
  if (rule.kind != pack::RestKind::kAfterDuty || rule.unset) return;
  const time::RestTerms& terms = rule.terms;
  const std::string minimum = base::format_duration(terms.minimum);
  if (terms.grace >= terms.minimum) {
    found.add("finding.grace-too-long", rule.head,
              "rule '" + rule.head.id + "' has a grace of " + base::format_duration(terms.grace) +
                  " before a rest of " + minimum,
              "shorten the grace: it is time at work, not rest");
  }
  if (terms.lead >= terms.minimum) {
    found.add("finding.lead-too-long", rule.head,
              "rule '" + rule.head.id + "' has a lead of " + base::format_duration(terms.lead) +
                  ", so that a rest of " + minimum + " before the next duty protects nothing",
              "shorten the lead: it is taken from the rest");
  }
}

void find_floor_above(const pack::RetentionRule& rule, Collector& found) {
  if (!rule.floor) return;
  for (const pack::RetentionRule& other : found.rules().retentions) {
    const base::Seconds longest = other.ceiling.value_or(*other.period);
    if (&other == &rule || (other.classes & rule.classes).none() || *rule.floor <= longest) continue;
    found.add("finding.retention-conflict", rule.head,
              "rule '" + rule.head.id + "' has a floor of " + base::format_duration(*rule.floor) + ", but rule '" +
                  other.head.id + "' lets nothing live longer than " + base::format_duration(longest),
              "agree on a floor below the other's longest time");
  }
}

}  // namespace

void find_contradictions(Collector& found) {
  const pack::Rules& rules = found.rules();
  for (const pack::RestRule& rule : rules.rests) look_at_terms(rule, found);
  for (const pack::ClaimRule& claim : rules.claims) {
    find_pierced_claims(claim, found);
    find_open_claim(claim, found);
  }
  for (const pack::RetentionRule& rule : rules.retentions) find_floor_above(rule, found);
  for (const pack::Parameter& parameter : rules.parameters) {
    if (parameter.value) continue;
    found.add("finding.parameter-unset", parameter.head,
              "parameter '" + parameter.head.id + "' has no value, so what uses it always holds",
              "agree on one and add a [[set]]");
  }
}

}  // namespace policy::check
