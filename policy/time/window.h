// Local windows: "20:00 to 06:00 on these days", turned into instants.
#pragma once

#include <bitset>

#include "policy/time/interval_set.h"
#include "policy/time/zone.h"

namespace policy::time {

// Bits 0–6: Monday to Sunday; bit 7: public holiday, which then is not its weekday.
constexpr std::size_t kHolidayBit = 7;
using DaySet = std::bitset<8>;

// `to` at or before `from` means the next date.
struct Window {
  DaySet days;
  LocalTime from;
  LocalTime to;
  bool operator==(const Window&) const = default;
};

bool listed(const DaySet& days, const Holidays& holidays, LocalDate date);

// Every stretch of the window that reaches into `span`, cut to it. As a closing: from the first reading of `from` to
// the last reading of `to`, so that a clock change never shortens protection.
IntervalSet closings(const Window& window, const Zone& zone, const Holidays& holidays, Interval span);

// The same as an opening: what lets messages pass never grows by a clock change, so it lasts from the last reading of
// `from` to the first of `to`, and not at all where the clock jumps over it.
IntervalSet openings(const Window& window, const Zone& zone, const Holidays& holidays, Interval span);

// Working hours of one date, from the last reading of `from` to the first of `to`; empty if the clock jumps over them.
Interval hours_on(const Window& window, const Zone& zone, LocalDate date);

}  // namespace policy::time
