// Dates, times and durations of iCalendar (RFC 5545 §§ 3.3.4 to 3.3.6) as a calendar on the wall shows them, and the
// instants that our own zones make of them. VTIMEZONE is not read: a TZID names a zone of the tz database.
#pragma once

#include <optional>
#include <string_view>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/time/zone.h"

namespace policy::roster::ical {

// In `zone`, or in UTC without one. A whole day is its midnight.
struct Moment {
  time::LocalDate date;
  time::LocalTime time;
  bool whole_day = false;
  const time::Zone* zone = nullptr;

  // Read as the begin or as the end of something: the first or the last reading of the clock, so that a clock change
  // never shortens it. May lie outside the years 1 to 9999.
  base::Instant begin() const;
  base::Instant end() const;
  Moment on(time::LocalDate other) const { return {other, time, whole_day, zone}; }
};

// What a value says before its zone is known.
struct WallClock {
  time::LocalDate date;
  time::LocalTime time;
  bool whole_day = false;  // a DATE
  bool utc = false;        // ends with Z
};

// DATE or DATE-TIME. A leap second is the second before it, as RFC 5545 § 3.3.12 wants it. Error: ical.value.
base::Result<WallClock> parse_wall_clock(std::string_view text);

// Days last as long as the calendar's days, seconds exactly.
struct Duration {
  std::int64_t days = 0;
  base::Seconds exact;
};
// Not negative, at most 3660 days altogether. Error: ical.value.
base::Result<Duration> parse_duration(std::string_view text);

// The zone's name in the tz database: a TZID without a leading '/', or for the commonest of Microsoft's names what
// CLDR's windowsZones.xml maps it to.
std::string_view zone_name(std::string_view tzid);

}  // namespace policy::roster::ical
