// Time as the house counts it: whole seconds since 1970-01-01T00:00:00Z, no leap seconds, no zone.
// Every interval is half open, [begin, end).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace policy::base {

struct Seconds {
  std::int64_t count = 0;
  auto operator<=>(const Seconds&) const = default;
};

constexpr Seconds kMinute{60};
constexpr Seconds kHour{3600};
constexpr Seconds kDay{86400};

struct Instant {
  std::int64_t unix_s = 0;
  auto operator<=>(const Instant&) const = default;
};

constexpr Seconds operator+(Seconds a, Seconds b) { return {a.count + b.count}; }
constexpr Seconds operator-(Seconds a, Seconds b) { return {a.count - b.count}; }
constexpr Instant operator+(Instant t, Seconds d) { return {t.unix_s + d.count}; }
constexpr Instant operator-(Instant t, Seconds d) { return {t.unix_s - d.count}; }
constexpr Seconds operator-(Instant a, Instant b) { return {a.unix_s - b.unix_s}; }

// Earlier and later than anything a rule can speak of: years 1 and 9999. Arithmetic on both stays far from overflow.
constexpr Instant kBeginningOfTime{-62135596800};  // 0001-01-01T00:00:00Z
constexpr Instant kEndOfTime{253402300799};        // 9999-12-31T23:59:59Z

struct Interval {
  Instant begin;
  Instant end;
  auto operator<=>(const Interval&) const = default;
  constexpr bool empty() const { return end <= begin; }
  constexpr bool contains(Instant t) const { return begin <= t && t < end; }
};

// RFC 3339 date-time with a zone offset or "Z"; fractions of a second are refused, because a rule counts whole ones.
// Errors: instant.syntax, instant.range (outside years 1–9999).
Result<Instant> parse_instant(std::string_view text);

// RFC 3339 in UTC: "2026-03-28T19:00:00Z".
std::string format_instant(Instant instant);

// "11h", "30m", "45s", "7d", also combined in falling order "1h30m". At most 3660 days.
// Errors: duration.syntax, duration.range.
Result<Seconds> parse_duration(std::string_view text);
std::string format_duration(Seconds duration);

}  // namespace policy::base
