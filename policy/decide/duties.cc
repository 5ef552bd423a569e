#include "policy/decide/duties.h"

#include <algorithm>

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;

bool meet(const Interval& a, const Interval& b) { return a.begin < b.end && b.begin < a.end; }

bool rostered(const Subject& subject, Interval week) {
  return std::ranges::any_of(subject.roster_around(week),
                             [&](const auto& entry) { return !entry.span.empty() && meet(entry.span, week); });
}

// Core hours of every week that reaches into `reach` and has no roster entry at all.
void add_core_hours(const Subject& subject, const pack::Pack& pack, Interval reach, std::vector<Interval>& duties) {
  const time::Zone& zone = *pack.zone;
  const time::LocalDate last = zone.date_at(reach.end) + 1;
  for (time::LocalDate monday = time::monday_of_week(zone.date_at(reach.begin) + -1); monday <= last;
       monday = monday + 7) {
    if (rostered(subject, {zone.first_reading(monday, {}), zone.first_reading(monday + 7, {})})) continue;
    for (std::int64_t day = 0; day < 7; ++day) {
      for (const time::Window& hours : pack.schedule->hours) {
        if (!hours.days[static_cast<std::size_t>(day)] || pack.holidays->contains(monday + day)) continue;
        duties.push_back(time::hours_on(hours, zone, monday + day));
      }
    }
  }
}

}  // namespace

std::vector<Interval> duties_around(const Subject& subject, const pack::DutyView& view, Interval reach) {
  const auto around = subject.roster_around(reach);
  std::vector<Interval> found;
  found.reserve(around.size());
  for (const model::RosterEntry& entry : around)
    if (model::counts_as_duty(entry.kind) && meet(entry.span, reach)) found.push_back(entry.span);
  if (view.schedule_pack) {
    const pack::Pack& pack = subject.rules().packs[*view.schedule_pack];
    if (pack::applies_to(pack.schedule->applies, subject.facts().groups)) add_core_hours(subject, pack, reach, found);
  }
  return time::merge_duties(std::move(found), view.gap);
}

}  // namespace policy::decide
