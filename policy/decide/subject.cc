#include "policy/decide/subject.h"

#include <algorithm>
#include <limits>

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;

// Any number of facts of one kind.
struct Extremes {
  Instant first = base::kEndOfTime, last = base::kBeginningOfTime;
  std::uint64_t longest = 0;  // as unsigned: what is not sound may overflow
  bool forward = true, sorted = true;

  bool sound() const { return forward && base::kBeginningOfTime <= first && last <= base::kEndOfTime; }
};

template <typename Entry>
Extremes extremes_of(const std::vector<Entry>& entries) {
  Extremes found;
  Instant before{std::numeric_limits<std::int64_t>::min()};
  for (const Entry& entry : entries) {
    const Interval& span = entry.span;
    found.forward &= span.begin <= span.end;
    found.sorted &= before <= span.begin;
    found.first = std::min(found.first, span.begin);
    found.last = std::max(found.last, span.end);
    const auto begin = static_cast<std::uint64_t>(span.begin.unix_s), end = static_cast<std::uint64_t>(span.end.unix_s);
    found.longest = std::max(found.longest, end - begin);
    before = span.begin;
  }
  return found;
}

}  // namespace

bool evaluable(const model::PersonFacts& facts) {
  return extremes_of(facts.roster).sound() && extremes_of(facts.interruptions).sound() &&
         extremes_of(facts.overrides).sound() && extremes_of(facts.self_openings).sound();
}

bool closes(const pack::RestRule& rule, pack::ClassSet classes) {
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c] && rule.effects[c] != model::Effect::kDeliver) return true;
  return false;
}

Subject::Subject(const pack::Rules& rules, const model::PersonFacts& facts) : rules_(rules), facts_(facts) {
  choose_rules();
  look_through_facts();
}

void Subject::choose_rules() {
  rests_.reserve(rules_.rests.size());
  for (const pack::RestRule& rule : rules_.rests)
    if (pack::applies_to(rule.applies, facts_.groups)) rests_.push_back(&rule);
  exceptions_.reserve(rules_.exceptions.size());
  for (const pack::ExceptionRule& rule : rules_.exceptions) {
    if (!pack::applies_to(rule.applies, facts_.groups)) continue;
    bool pierces_any = false;
    pack::ClassSet classes;
    for (const std::size_t pierced : rule.pierces) {
      const pack::RestRule& rest = rules_.rests[pierced];
      if (!pack::applies_to(rest.applies, facts_.groups)) continue;
      pierces_any = true;
      for (std::size_t c = 0; c < classes.size(); ++c)
        if (rule.classes[c] && rest.effects[c] != model::Effect::kDeliver) classes.set(c);
    }
    if (pierces_any) exceptions_.push_back({&rule, classes});
  }
}

void Subject::look_through_facts() {
  const Extremes roster = extremes_of(facts_.roster);
  evaluable_ = roster.sound();
  last_fact_ = roster.last;
  longest_ = Seconds{static_cast<std::int64_t>(roster.longest)};
  sorted_ = roster.sorted;
  const auto look = [&](const auto& entries) {
    const Extremes found = extremes_of(entries);
    evaluable_ &= found.sound();
    last_fact_ = std::max(last_fact_, found.last);
  };
  look(facts_.interruptions);
  look(facts_.overrides);
  look(facts_.self_openings);
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
