#include "policy/base/instant.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace policy::base {
namespace {

constexpr std::string_view kInstantForm =
    "RFC 3339 with seconds and zone, as 2026-03-28T19:00:00Z or 2026-03-28T20:00:00+01:00";
constexpr std::string_view kDurationForm =
    "whole numbers with d, h, m or s in this order, as 11h, 30m, 1h30m, 7d; at most 3660d";

bool leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(std::int64_t year, int month) {
  constexpr std::array<int, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[static_cast<std::size_t>(month)];
}

// Days since 1970-01-01 in the proleptic Gregorian calendar. H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t size) {
  if (at + size > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, size)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Minutes east of Greenwich for "Z" or "+hh:mm".
std::optional<int> offset_minutes(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const auto hours = digits(zone, 1, 2);
  const auto minutes = digits(zone, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

std::unexpected<Error> bad_instant(std::string_view text) {
  return fail("instant.syntax", "instant '" + printable(text) + "'", std::string(kInstantForm));
}

}  // namespace

Result<Instant> parse_instant(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':') {
    return bad_instant(text);
  }
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  const auto offset = offset_minutes(text.substr(19));
  if (!year || !month || !day || !hour || !minute || !second || !offset) return bad_instant(text);
  if (*year < 1 || *month < 1 || *month > 12 || *day < 1 || *day > days_in(*year, *month) || *hour > 23 ||
      *minute > 59 || *second > 59) {
    return fail("instant.range", "instant '" + printable(text) + "'", "a real date and time in the years 0001 to 9999");
  }
  const Instant instant{days_from_civil(*year, *month, *day) * 86400 + *hour * 3600 + *minute * 60 + *second -
                        *offset * 60};
  if (instant < kBeginningOfTime || instant > kEndOfTime) {
    return fail("instant.range", "instant '" + printable(text) + "'", "the years 0001 to 9999 in UTC");
  }
  return instant;
}

std::string format_instant(Instant instant) {
  std::int64_t days = instant.unix_s / 86400;
  std::int64_t rest = instant.unix_s % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  // civil_from_days, same source as days_from_civil.
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  std::array<char, 96> out{};
  std::snprintf(out.data(), out.size(), "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", static_cast<long long>(year),
                static_cast<long long>(month), static_cast<long long>(day), static_cast<long long>(rest / 3600),
                static_cast<long long>(rest / 60 % 60), static_cast<long long>(rest % 60));
  return out.data();
}

Result<Seconds> parse_duration(std::string_view text) {
  const auto bad = [&] {
    return fail("duration.syntax", "duration '" + printable(text) + "'", std::string(kDurationForm));
  };
  constexpr std::string_view kUnits = "dhms";
  constexpr std::array<std::int64_t, 4> kSize{86400, 3600, 60, 1};
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  std::string_view rest = text;
  if (rest.empty()) return bad();
  while (!rest.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || rest[0] == '-' || end == rest.data() + rest.size()) return bad();
    const std::size_t unit = kUnits.find(*end);
    if (unit == std::string_view::npos || unit < next_unit) return bad();
    if (number > 3660 * 86400LL) return fail("duration.range", "duration '" + printable(text) + "'", "at most 3660d");
    total += number * kSize[unit];
    if (total > 3660 * 86400LL) return fail("duration.range", "duration '" + printable(text) + "'", "at most 3660d");
    next_unit = unit + 1;
    rest = rest.substr(static_cast<std::size_t>(end - rest.data()) + 1);
  }
  return Seconds{total};
}

std::string format_duration(Seconds duration) {
  if (duration.count == 0) return "0m";
  std::string out;
  std::int64_t rest = duration.count;
  const auto part = [&](std::int64_t size, char unit) {
    if (rest / size > 0) out += std::to_string(rest / size) + unit;
    rest %= size;
  };
  if (rest >= 2 * 86400 && rest % 86400 == 0) part(86400, 'd');
  part(3600, 'h');
  part(60, 'm');
  part(1, 's');
  return out;
}

}  // namespace policy::base
