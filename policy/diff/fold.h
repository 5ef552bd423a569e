// Changes as a reader would say them: "Mondays to Fridays, 18:00–20:00, except on 6 April", instead of 260 intervals.
//
// Nothing is lost and nothing added: unfold() gives the same instants back. A stretch is weekly if it occurs on most of
// the dates of its kind of day and on at least kWeeklyMin; the dates of that kind without it are listed, and every
// other interval stands by itself. Kinds of day are the seven weekdays, with or without public holidays as an eighth:
// whichever needs fewer words. Touching changes that differ only in the rules behind them are one; classes to which the
// same happens at the same times are said together.
//
// Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "policy/diff/change.h"
#include "policy/pack/rules.h"
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
  std::set<std::string> rules;          // that either side names anywhere in it
  bool operator==(const Weekly&) const = default;
};

struct Folded {
  pack::ClassSet classes;
  model::Effect before = model::Effect::kDeliver, after = model::Effect::kDeliver;
  bool throughout = false;      // the whole span; then there is nothing else
  bool holidays_apart = false;  // in `weekly`, a public holiday is not its weekday
  std::vector<Weekly> weekly;
  std::vector<base::Interval> single;
  std::set<std::string> rules;  // as in Weekly, of `throughout` and `single`
  bool operator==(const Folded&) const = default;
};

// What the calendar of a fold is.
struct Calendar {
  const time::Zone& zone;
  const time::Holidays& holidays;
  base::Interval span;
};

std::vector<Folded> fold(const std::vector<Change>& changes, const Calendar& calendar);
time::IntervalSet unfold(const Folded& folded, const Calendar& calendar);

}  // namespace policy::diff
