// Changes as a reader would say them: "Mondays to Fridays, 18:00–20:00, except on 6 April", instead of 260 intervals.
//
// Nothing is lost and nothing added: unfold() gives the same intervals back. A stretch is weekly if it occurs on most
// of the dates of its kind of day (Monday … Sunday, public holiday; a holiday is not its weekday) and on at least
// kWeeklyMin; the dates of that kind without it are listed, and every other interval stands by itself.
//
// Pure.
#pragma once

#include <vector>

#include "policy/diff/change.h"
#include "policy/time/window.h"
#include "policy/time/zone.h"

namespace policy::diff {

constexpr std::size_t kWeeklyMin = 3;

// On each of these days from `from` to the reading of `to` this many dates later.
struct Weekly {
  time::DaySet days;
  time::LocalTime from, to;
  std::int64_t dates_later = 0;
  std::vector<time::LocalDate> not_on;  // sorted
  bool operator==(const Weekly&) const = default;
};

// Changes that differ in nothing but their time.
struct Folded {
  Change what;              // its span means nothing
  bool throughout = false;  // the whole span; then there is nothing else
  std::vector<Weekly> weekly;
  std::vector<base::Interval> single;
};

// What the calendar of a fold is.
struct Calendar {
  const time::Zone& zone;
  const time::Holidays& holidays;
  base::Interval span;
};

std::vector<Folded> fold(const std::vector<Change>& changes, const Calendar& calendar);
std::vector<base::Interval> unfold(const Folded& folded, const Calendar& calendar);

}  // namespace policy::diff
