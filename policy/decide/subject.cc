#include "policy/decide/subject.h"

#include <algorithm>

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;

bool sound(const Interval& span) {
  return span.begin <= span.end && base::kBeginningOfTime <= span.begin && span.end <= base::kEndOfTime;
}

template <typename Look>
void each_fact(const model::PersonFacts& facts, Look look) {
  for (const model::RosterEntry& entry : facts.roster) look(entry.span);
  for (const model::Interruption& entry : facts.interruptions) look(entry.span);
  for (const model::Override& entry : facts.overrides) look(entry.span);
  for (const model::SelfOpening& entry : facts.self_openings) look(entry.span);
}

}  // namespace

bool evaluable(const model::PersonFacts& facts) {
  bool all_sound = true;
  each_fact(facts, [&](const Interval& span) { all_sound &= sound(span); });
  return all_sound;
}

Subject::Subject(const pack::Rules& rules, const model::PersonFacts& facts) : rules_(rules), facts_(facts) {
  choose_rules();
  look_through_facts();
}

void Subject::choose_rules() {
  rests_.reserve(rules_.rests.size());
  for (const pack::RestRule& rule : rules_.rests)
    if (pack::applies_to(rule.applies, facts_.groups)) rests_.push_back(&rule);
  for (const pack::ExceptionRule& rule : rules_.exceptions) {
    const bool pierces_any = std::ranges::any_of(
        rule.pierces, [&](std::size_t rest) { return pack::applies_to(rules_.rests[rest].applies, facts_.groups); });
    if (pierces_any && pack::applies_to(rule.applies, facts_.groups)) exceptions_.push_back(&rule);
  }
}

void Subject::look_through_facts() {
  evaluable_ = decide::evaluable(facts_);
  if (!evaluable_) return;
  each_fact(facts_, [&](const Interval& span) { last_fact_ = std::max(last_fact_, span.end); });
  Instant before = base::kBeginningOfTime;
  for (const model::RosterEntry& entry : facts_.roster) {
    longest_ = std::max(longest_, entry.span.end - entry.span.begin);
    sorted_ &= before <= entry.span.begin;
    before = entry.span.begin;
  }
  interruptions_.reserve(facts_.interruptions.size());
  for (const model::Interruption& interruption : facts_.interruptions) interruptions_.push_back(interruption.span);
  std::ranges::sort(interruptions_);
}

std::span<const model::RosterEntry> Subject::roster_around(Interval span) const {
  if (!sorted_) return facts_.roster;
  const auto begin_of = [](const model::RosterEntry& entry) { return entry.span.begin; };
  const auto first = std::ranges::lower_bound(facts_.roster, span.begin - longest_, {}, begin_of);
  const auto last = std::ranges::lower_bound(facts_.roster, span.end, {}, begin_of);
  return first < last ? std::span(first, last) : std::span<const model::RosterEntry>();
}

}  // namespace policy::decide
