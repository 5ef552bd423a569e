#include "policy/time/window.h"

#include <algorithm>

namespace policy::time {

bool listed(const DaySet& days, const Holidays& holidays, LocalDate date) {
  return holidays.contains(date) ? days[kHolidayBit] : days[static_cast<std::size_t>(weekday_of(date))];
}

IntervalSet closings(const Window& window, const Zone& zone, const Holidays& holidays, Interval span) {
  if (span.empty()) return {};
  const std::int64_t days_long = window.to <= window.from ? 1 : 0;
  std::vector<Interval> found;
  // A window of the date before may reach in; one more date on each side, because a zone may skip a whole date.
  const LocalDate last = zone.date_at(span.end) + 1;
  for (LocalDate date = zone.date_at(span.begin) + -2; date <= last; date = date + 1) {
    if (!listed(window.days, holidays, date)) continue;
    const Instant begin = zone.first_reading(date, window.from);
    const Instant end = zone.last_reading(date + days_long, window.to);
    found.push_back({std::max(begin, span.begin), std::min(end, span.end)});
  }
  return IntervalSet(std::move(found));
}

Interval hours_on(const Window& window, const Zone& zone, LocalDate date) {
  return {zone.last_reading(date, window.from), zone.first_reading(date, window.to)};
}

}  // namespace policy::time
