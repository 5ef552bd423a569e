// The calendar as far as a symbolic proof can tell its days apart: for every date from kFirstYear to kLastYear the
// windows of rules and exceptions around it, as seconds from its midnight. Dates with the same windows are one pattern,
// so that a few patterns stand for all dates, all holidays and all clock changes of these years. Pure.
#pragma once

#include <vector>

#include "policy/pack/rules.h"

namespace policy::prove::symbolic {

constexpr std::int64_t kFirstYear = 2026;
constexpr std::int64_t kLastYear = 2099;

// Which windows matter, by index of Rules::rests and Rules::exceptions.
struct Wanted {
  std::vector<bool> rests, exceptions;
  base::Seconds before, after;  // how far around the day; `after` counts from its end
  bool weeks = false;           // weeks from Monday instead of days
};

struct Pattern {
  base::Instant begin;   // of its first date or week: local midnight
  base::Seconds length;  // to the next midnight, or to the next Monday's
  // By index; Interval{x, y} means x and y seconds after `begin`.
  std::vector<std::vector<base::Interval>> rests, exceptions;
};

std::vector<Pattern> patterns(const pack::Rules& rules, const time::Zone& zone, const Wanted& wanted);

}  // namespace policy::prove::symbolic
