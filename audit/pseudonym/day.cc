#include "audit/pseudonym/day.h"

#include <algorithm>

namespace audit::pseudonym {

using policy::base::Instant;

constexpr std::int64_t kDay_s = 86400;

Day day_of(Instant instant) { return {static_cast<std::uint32_t>(std::max<std::int64_t>(0, instant.unix_s) / kDay_s)}; }

Instant begin_of(Day day) { return {std::int64_t{day.number} * kDay_s}; }

std::string day_text(Day day) { return policy::base::format_instant(begin_of(day)).substr(0, 10); }

policy::base::Result<Day> parse_day(std::string_view text) {
  if (text.size() == 10) {
    const auto begin = policy::base::parse_instant(std::string(text) + "T00:00:00Z");
    if (begin && begin->unix_s >= 0 && day_text(day_of(*begin)) == text) return day_of(*begin);
  }
  return policy::base::fail("day.syntax", "'" + policy::base::printable(text) + "'", "a day as 2026-11-23");
}

}  // namespace audit::pseudonym
