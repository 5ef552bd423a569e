#include "policy/prove/sights.h"

#include <algorithm>

#include "policy/decide/duties.h"

namespace policy::prove {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::RosterKind;
using pack::ClaimRule;
using time::IntervalSet;

bool counts(const time::Restart& restart, const Interval& interruption) {
  switch (restart.when) {
    case time::Restart::When::kAlways: return true;
    case time::Restart::When::kNever: return false;
    case time::Restart::When::kLongerThan: return interruption.end - interruption.begin > restart.threshold;
  }
  return true;
}

}  // namespace

std::vector<Interval> weeks_of(const time::Zone& zone, Interval span) {
  std::vector<Interval> weeks;
  for (time::LocalDate monday = time::monday_of_week(zone.date_at(span.begin));; monday = monday + 7) {
    const Interval week{zone.first_reading(monday, {}), zone.first_reading(monday + 7, {})};
    if (week.begin >= span.end) return weeks;
    if (week.begin >= span.begin) weeks.push_back(week);
  }
}

std::vector<Instant> breaks_of(const ClaimRule& claim, const model::PersonFacts& facts) {
  std::vector<Instant> breaks;
  for (const model::Interruption& interruption : facts.interruptions)
    if (counts(claim.restart, interruption.span)) breaks.push_back(interruption.span.begin);
  std::ranges::sort(breaks);
  return breaks;
}

std::vector<Interval> duties_of(const decide::Subject& subject, const ClaimRule& claim, Interval span) {
  const pack::DutyView& view = subject.rules().duty_views[claim.duty_view];
  const Seconds margin = view.gap + base::kDay;  // what is further away joins no duty of the span
  return decide::duties_around(subject, view, {span.begin - margin, span.end + margin});
}

IntervalSet wanted_quiet(const ClaimRule& claim, const model::PersonFacts& facts, std::span<const Interval> duties,
                         Interval span) {
  if (claim.during == pack::ClaimDuring::kAlways) return IntervalSet({span});
  if (claim.during == pack::ClaimDuring::kOffDuty) return complement(IntervalSet({duties.begin(), duties.end()}), span);
  std::vector<Interval> absences;
  for (const model::RosterEntry& entry : facts.roster)
    if (entry.kind == RosterKind::kLeave || entry.kind == RosterKind::kSick) absences.push_back(entry.span);
  return clip(IntervalSet(std::move(absences)), span);
}

}  // namespace policy::prove
