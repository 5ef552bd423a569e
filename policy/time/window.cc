#include "policy/time/window.h"

#include <algorithm>

namespace policy::time {

bool listed(const DaySet& days, const Holidays& holidays, LocalDate date) {
  const bool as_weekday = days[static_cast<std::size_t>(weekday_of(date))];
  if (as_weekday == days[kHolidayBit]) return as_weekday;
  return holidays.contains(date) ? days[kHolidayBit] : as_weekday;
}

namespace {

// `stretch_on(date, date of the end)` is what the window means on one date.
template <typename StretchOn>
IntervalSet stretches(const Window& window, const Zone& zone, const Holidays& holidays, Interval span,
                      StretchOn stretch_on) {
  if (span.empty()) return {};
  const std::int64_t days_long = window.to <= window.from ? 1 : 0;
  std::vector<Interval> found;
  // A window of the date before may reach in; one more date on each side, because a zone may skip a whole date.
  const LocalDate first = zone.date_at(span.begin) + -2, last = zone.date_at(span.end) + 1;
  found.reserve(static_cast<std::size_t>(last.days - first.days) + 1);
  for (LocalDate date = first; date <= last; date = date + 1) {
    if (!listed(window.days, holidays, date)) continue;
    const Interval stretch = stretch_on(date, date + days_long);
    found.push_back({std::max(stretch.begin, span.begin), std::min(stretch.end, span.end)});
  }
  return IntervalSet(std::move(found));
}

}  // namespace

IntervalSet closings(const Window& window, const Zone& zone, const Holidays& holidays, Interval span) {
  return stretches(window, zone, holidays, span, [&](LocalDate from, LocalDate to) {
    return Interval{zone.first_reading(from, window.from), zone.last_reading(to, window.to)};
  });
}

IntervalSet openings(const Window& window, const Zone& zone, const Holidays& holidays, Interval span) {
  return stretches(window, zone, holidays, span, [&](LocalDate from, LocalDate to) {
    return Interval{zone.last_reading(from, window.from), zone.first_reading(to, window.to)};
  });
}

Interval hours_on(const Window& window, const Zone& zone, LocalDate date) {
  return {zone.last_reading(date, window.from), zone.first_reading(date, window.to)};
}

}  // namespace policy::time
