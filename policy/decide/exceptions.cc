#include "policy/decide/exceptions.h"

#include <algorithm>

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using pack::ExceptionRule;
using pack::ExceptionWhen;
using time::IntervalSet;

bool admits(const ExceptionRule& rule, const model::Override& granted) {
  return granted.rule == rule.head.id && granted.role == rule.role &&
         std::ranges::find(rule.reasons, granted.reason) != rule.reasons.end();
}

Interval cut(Interval span, Seconds longest) { return {span.begin, std::min(span.end, span.begin + longest)}; }

time::LocalDate week_of(const time::Zone& zone, Instant instant) { return time::monday_of_week(zone.date_at(instant)); }

// How many admitted overrides of the same week come before this one.
std::size_t rank_of(const ExceptionRule& rule, const time::Zone& zone, const model::PersonFacts& facts,
                    const model::Override& candidate) {
  const time::LocalDate week = week_of(zone, candidate.span.begin);
  return static_cast<std::size_t>(std::ranges::count_if(facts.overrides, [&](const model::Override& other) {
    return other.span < candidate.span && admits(rule, other) && week_of(zone, other.span.begin) == week;
  }));
}

// Two overrides with the very same span have the same rank: the second of them adds nothing that the first does not
// open.
std::optional<Interval> counted(const pack::Rules& rules, const ExceptionRule& rule, const model::PersonFacts& facts,
                                const model::Override& granted) {
  if (!admits(rule, granted)) return std::nullopt;
  const time::Zone& zone = *rules.packs[rule.head.pack].zone;
  if (rank_of(rule, zone, facts, granted) >= rule.per_week) return std::nullopt;
  return cut(granted.span, rule.longest);
}

std::vector<Interval> overridden(const pack::Rules& rules, const ExceptionRule& rule, const model::PersonFacts& facts,
                                 Interval span) {
  std::vector<Interval> found;
  for (const model::Override& granted : facts.overrides) {
    const Interval longest = cut(granted.span, rule.longest);
    if (longest.end <= span.begin || span.end <= longest.begin) continue;
    if (const auto part = counted(rules, rule, facts, granted)) found.push_back(*part);
  }
  return found;
}

IntervalSet in_force(const Subject& subject, const ExceptionRule& rule, Interval span) {
  std::vector<Interval> found;
  switch (rule.when) {
    case ExceptionWhen::kOnCall:
      for (const model::RosterEntry& entry : subject.roster_around(span))
        if (entry.kind == model::RosterKind::kOnCall) found.push_back(entry.span);
      break;
    case ExceptionWhen::kWindow: {
      const pack::Pack& pack = subject.rules().packs[rule.head.pack];
      return time::openings(rule.window, *pack.zone, *pack.holidays, span);
    }
    case ExceptionWhen::kOverride: found = overridden(subject.rules(), rule, subject.facts(), span); break;
    case ExceptionWhen::kSelfOpen:
      for (const model::SelfOpening& opening : subject.facts().self_openings)
        found.push_back(cut(opening.span, rule.longest));
      break;
  }
  return clip(IntervalSet(std::move(found)), span);
}

}  // namespace

std::vector<InForce> exceptions_in_force(const Subject& subject, Interval span, pack::ClassSet classes) {
  std::vector<InForce> found;
  for (const OwnException& own : subject.exceptions()) {
    if (!classes.all() && (own.classes & classes).none()) continue;
    IntervalSet when = in_force(subject, *own.rule, span);
    if (!when.empty()) found.push_back({own.rule, std::move(when)});
  }
  return found;
}

std::vector<InForce> exceptions_in_force(const pack::Rules& rules, const model::PersonFacts& facts, Interval span) {
  return exceptions_in_force(Subject(rules, facts), span, pack::ClassSet().set());
}

std::optional<Interval> counted_part(const pack::RuleSet& rule_set, const model::PersonFacts& facts,
                                     const model::Override& candidate) {
  const pack::Rules& rules = rule_set.rules();
  for (const ExceptionRule& rule : rules.exceptions) {
    if (rule.when != ExceptionWhen::kOverride || rule.head.id != candidate.rule) continue;
    if (!pack::applies_to(rule.applies, facts.groups)) return std::nullopt;
    return counted(rules, rule, facts, candidate);
  }
  return std::nullopt;
}

}  // namespace policy::decide
