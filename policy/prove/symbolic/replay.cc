// A counterexample is believed when decide() agrees with it.
#include <algorithm>

#include "policy/decide/decide.h"
#include "policy/prove/quiet.h"
#include "policy/prove/scope.h"
#include "policy/prove/sights.h"
#include "policy/prove/symbolic/prover.h"

namespace policy::prove::symbolic {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::Effect;
using time::IntervalSet;

IntervalSet closed_by_decide(const pack::RuleSet& rules, const model::PersonFacts& facts, model::MessageClass c,
                             Effect level, Interval span) {
  std::vector<Interval> found;
  for (const model::Stretch& stretch : decide::timeline(rules, facts, c, span))
    if (stretch.effect >= level) found.push_back(stretch.span);
  return IntervalSet(std::move(found));
}

IntervalSet quiet_by_decide(const pack::RuleSet& rules, const model::PersonFacts& facts, pack::ClassSet classes,
                            Interval span) {
  IntervalSet all({span});
  for (const model::MessageClass c : model::kMessageClasses)
    if (classes[pack::index_of(c)]) all = intersect(all, closed_by_decide(rules, facts, c, Effect::kSilent, span));
  return all;
}

Checked weaker(const pack::RuleSet& rules, const pack::ClaimRule& claim, const model::PersonFacts& facts,
               Interval span) {
  const pack::Rules other = alone(rules.rules(), claim.than);
  const decide::Subject subject(other, facts);
  const decide::Scene scene(subject, span);
  Checked checked;
  for (const model::MessageClass c : model::kMessageClasses) {
    if (!claim.classes[pack::index_of(c)]) continue;
    for (const Effect level : {Effect::kSilent, Effect::kHold}) {
      const IntervalSet open = subtract(closed(scene, c, level), closed_by_decide(rules, facts, c, level, span));
      for (const Interval& i : open.intervals())
        checked.shortfalls.push_back({Cause::kRules, i, {i.begin, i.begin}, {}, {}});
    }
  }
  return checked;
}

Checked check(const pack::RuleSet& rule_set, const pack::ClaimRule& claim, const model::PersonFacts& facts,
              Interval at) {
  const pack::Rules& rules = rule_set.rules();
  if (claim.kind == pack::ClaimKind::kAtLeastAsProtective) return weaker(rule_set, claim, facts, at);
  const std::vector<Instant> breaks = breaks_of(claim, facts);
  const Seconds minimum = claim.minimum.value_or(Seconds{});
  const Interval reach{at.begin, reach_of(at, minimum, breaks)};
  const std::vector<Interval> duties = duties_of(decide::Subject(rules, facts), claim, reach);
  const IntervalSet quiet = quiet_by_decide(rule_set, facts, claim.classes, reach);
  const Sight sight{duties, breaks, &quiet};
  switch (claim.kind) {
    case pack::ClaimKind::kRestAfterDuty: return rest_after_duty(sight, minimum, at);
    case pack::ClaimKind::kRestPer24h: return rest_per_24h(sight, minimum, at);
    case pack::ClaimKind::kRestPerWeek: return rest_per_week(sight, minimum, weeks_of(zone_of(rules, claim), at));
    default: return never_delivers(sight, wanted_quiet(claim, facts, duties, at));
  }
}

}  // namespace

std::optional<Shortfall> replay(const pack::RuleSet& rules, const pack::ClaimRule& claim,
                                const model::PersonFacts& facts, Interval at) {
  if (!pack::applies_to(claim.applies, facts.groups)) return std::nullopt;
  const Checked checked = check(rules, claim, facts, at);
  const auto broken = std::ranges::find(checked.shortfalls, Cause::kRules, &Shortfall::cause);
  return broken == checked.shortfalls.end() ? std::nullopt : std::optional(*broken);
}

}  // namespace policy::prove::symbolic
