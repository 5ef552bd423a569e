// Days, times, lengths and moments in words. Pure.
#pragma once

#include "policy/base/instant.h"
#include "policy/time/civil.h"
#include "policy/time/window.h"
#include "policy/time/zone.h"
#include "policy/vocabulary/both.h"

namespace policy::vocabulary {

Both weekday(time::Weekday day);          // "Montag", "Monday"
Both weekday_short(time::Weekday day);    // "Mo", "Mon"
Both date(time::LocalDate date);          // "15. Juni 2026", "15 June 2026"
Both day_and_date(time::LocalDate date);  // "Montag, 15. Juni 2026", "Monday 15 June 2026"
std::string clock(std::int32_t second);   // "20:00", "24:00", "06:30:15": seconds since midnight, in digits
Both time_of_day(time::LocalTime time);   // "20:00 Uhr", "20:00"

// "Montag, 15. Juni 2026, 06:00 Uhr (CEST)", "06:00 on Monday 15 June 2026 (CEST)".
Both moment(const time::Zone& zone, base::Instant instant);

// "11 Stunden", "1 Stunde 30 Minuten", "7 Tage"; exact to the second. The dative is that of "nach 7 Tagen".
enum class Case : std::uint8_t { kNominative, kDative };
Both duration(base::Seconds length, Case german = Case::kNominative);

// "an jedem Tag, auch an Feiertagen", "montags bis freitags, aber nicht an Feiertagen", "samstags, sonntags und an
// Feiertagen": says of holidays in any case, because a holiday is not its weekday.
Both days(const time::DaySet& days);
// The same without a word on holidays, for core hours.
Both weekdays(const time::DaySet& days);

// "an jedem Tag, auch an Feiertagen, von 20:00 Uhr bis 06:00 Uhr am nächsten Tag".
Both window(const time::Window& window);
Both core_hours(const time::Window& hours);

}  // namespace policy::vocabulary
