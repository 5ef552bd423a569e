// A day in UTC, the slice of time in which a person has one pseudonym. Pure values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/instant.h"

namespace audit::pseudonym {

struct Day {
  std::uint32_t number = 0;  // since 1970-01-01
  auto operator<=>(const Day&) const = default;
};

Day day_of(policy::base::Instant instant);
policy::base::Instant begin_of(Day day);
std::string day_text(Day day);                               // "2026-11-23"
policy::base::Result<Day> parse_day(std::string_view text);  // 1970 to 9999; error: day.syntax

}  // namespace audit::pseudonym
