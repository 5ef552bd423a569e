// A time zone as a table, read once from the machine's tz database and never again, so that everything which uses a
// Zone is a pure function. The database is read through date/tz.h by find(); only code that loads rules calls it.
//
// Files of the tz database list changes up to 2037. Later ones repeat the last listed year: same month, same weekday
// counted from the start or the end of the month, same reading of the clock. Immutable; share between threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/time/civil.h"

namespace policy::time {

class Zone {
 public:
  // "Europe/Berlin". Errors: zone.unknown.
  static base::Result<Zone> find(std::string_view name);

  const std::string& name() const { return name_; }
  base::Seconds offset_at(base::Instant instant) const;  // local minus UTC
  std::string_view abbreviation_at(base::Instant instant) const;
  LocalDate date_at(base::Instant instant) const;
  LocalTime time_at(base::Instant instant) const;

  // When the clock shows `time` on `date`. Shown twice: the first or the last instant. Not shown: the instant of the
  // change (design § 4).
  base::Instant first_reading(LocalDate date, LocalTime time) const;
  base::Instant last_reading(LocalDate date, LocalTime time) const;
  // The instants inside `span`, its begin excluded, at which the clock is set forward or back.
  std::vector<base::Instant> changes_in(base::Interval span) const;
  // How often the clock shows it: 0 in a gap, 2 in an overlap.
  int readings(LocalDate date, LocalTime time) const;
  // The instants within `span` at which the clock is put forward or back.
  std::vector<base::Instant> clock_changes(base::Interval span) const;

 private:
  // From `begin` to the begin of the next one the clock is `offset` ahead of UTC.
  struct Stretch {
    base::Instant begin;
    base::Seconds offset;
    std::string abbreviation;
  };

  const Stretch& stretch_at(base::Instant instant) const;
  void repeat_last_year();
  void index_stretches();

  std::string name_;
  std::vector<Stretch> stretches_;  // never empty; the first begins before every instant
  // For each stretch of 2^23 s (97 days) from 1900 on the last stretch that begins at or before its start: a decision
  // asks a zone a dozen times, and a search through eight thousand years each time was most of its cost.
  std::vector<std::uint32_t> nearest_;
};

// Are two local readings of one date ambiguous or missing anywhere between the two years? Names the first date.
// Used by `check`, never by a decision.
struct OddReading {
  LocalDate date;
  int readings = 0;
};
std::optional<OddReading> first_odd_reading(const Zone& zone, LocalTime time, std::int64_t from_year,
                                            std::int64_t to_year);

}  // namespace policy::time
