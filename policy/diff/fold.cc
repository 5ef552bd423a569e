#include "policy/diff/fold.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace policy::diff {
namespace {

using base::Interval;
using time::LocalDate;
using time::LocalTime;

std::size_t day_of(const Calendar& calendar, LocalDate date) {
  return calendar.holidays.contains(date) ? time::kHolidayBit : static_cast<std::size_t>(time::weekday_of(date));
}

// The dates that begin or go on within the span, by their kind of day.
std::array<std::vector<LocalDate>, 8> dates_of(const Calendar& calendar) {
  std::array<std::vector<LocalDate>, 8> out;
  const LocalDate last = calendar.zone.date_at(calendar.span.end - base::Seconds{1});
  for (LocalDate date = calendar.zone.date_at(calendar.span.begin); date <= last; date = date + 1)
    out[day_of(calendar, date)].push_back(date);
  return out;
}

struct Shape {
  LocalTime from, to;
  std::int64_t dates_later = 0;
  auto operator<=>(const Shape&) const = default;
};

Interval interval_of(const Calendar& calendar, const Shape& shape, LocalDate date) {
  return {calendar.zone.first_reading(date, shape.from),
          calendar.zone.last_reading(date + shape.dates_later, shape.to)};
}

void fold_times(const std::vector<Interval>& spans, const Calendar& calendar,
                const std::array<std::vector<LocalDate>, 8>& dates, Folded& out) {
  std::map<std::pair<std::size_t, Shape>, std::vector<LocalDate>> found;
  for (const Interval& span : spans) {
    const LocalDate date = calendar.zone.date_at(span.begin), end = calendar.zone.date_at(span.end);
    const Shape shape{calendar.zone.time_at(span.begin), calendar.zone.time_at(span.end), end.days - date.days};
    const std::size_t day = day_of(calendar, date);
    // Around a clock change the local times may not lead back to the instants.
    const bool exact = interval_of(calendar, shape, date) == span && std::ranges::binary_search(dates[day], date);
    if (exact)
      found[{day, shape}].push_back(date);
    else
      out.single.push_back(span);
  }
  std::map<Shape, Weekly> weekly;
  for (const auto& [key, on] : found) {
    const auto& [day, shape] = key;
    if (on.size() < kWeeklyMin || 2 * on.size() <= dates[day].size()) {
      for (const LocalDate date : on) out.single.push_back(interval_of(calendar, shape, date));
      continue;
    }
    Weekly& one = weekly[shape];
    one.days.set(day);
    std::ranges::set_difference(dates[day], on, std::back_inserter(one.not_on));
  }
  for (auto& [shape, one] : weekly) {
    one.from = shape.from;
    one.to = shape.to;
    one.dates_later = shape.dates_later;
    std::ranges::sort(one.not_on);
    out.weekly.push_back(std::move(one));
  }
  std::ranges::sort(out.single);
}

}  // namespace

std::vector<Folded> fold(const std::vector<Change>& changes, const Calendar& calendar) {
  std::map<Change, std::vector<Interval>> alike;
  for (const Change& change : changes) {
    Change what = change;
    what.span = {};
    alike[std::move(what)].push_back(change.span);
  }
  const auto dates = dates_of(calendar);
  std::vector<Folded> out;
  for (const auto& [what, spans] : alike) {
    Folded folded{what, spans.size() == 1 && spans.front() == calendar.span, {}, {}};
    if (!folded.throughout) fold_times(spans, calendar, dates, folded);
    out.push_back(std::move(folded));
  }
  return out;
}

std::vector<Interval> unfold(const Folded& folded, const Calendar& calendar) {
  if (folded.throughout) return {calendar.span};
  std::vector<Interval> out = folded.single;
  const auto dates = dates_of(calendar);
  for (const Weekly& weekly : folded.weekly)
    for (std::size_t day = 0; day < dates.size(); ++day) {
      if (!weekly.days[day]) continue;
      for (const LocalDate date : dates[day])
        if (!std::ranges::binary_search(weekly.not_on, date))
          out.push_back(interval_of(calendar, {weekly.from, weekly.to, weekly.dates_later}, date));
    }
  std::ranges::sort(out);
  return out;
}

}  // namespace policy::diff
