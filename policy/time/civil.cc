#include "policy/time/civil.h"

#include <algorithm>
#include <array>

namespace policy::time {
namespace {

bool leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

}  // namespace

int days_in_month(std::int64_t year, int month) {
  constexpr std::array<int, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[static_cast<std::size_t>(month)];
}

bool real_date(std::int64_t year, int month, int day) {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil and civil_from_days.
LocalDate date_of(const YearMonthDay& civil) {
  const std::int64_t year = civil.year - (civil.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (civil.month + (civil.month > 2 ? -3 : 9)) + 2) / 5 + civil.day - 1;
  return {era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468};
}

YearMonthDay civil_of(LocalDate date) {
  const std::int64_t days = date.days + 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int shifted_month = static_cast<int>((5 * day_of_year + 2) / 153);
  const int day = static_cast<int>(day_of_year) - (153 * shifted_month + 2) / 5 + 1;
  const int month = shifted_month + (shifted_month < 10 ? 3 : -9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

Weekday weekday_of(LocalDate date) {
  // 1970-01-01 was a Thursday.
  const std::int64_t shifted = (date.days + 3) % 7;
  return static_cast<Weekday>(shifted < 0 ? shifted + 7 : shifted);
}

LocalDate monday_of_week(LocalDate date) { return date + -static_cast<std::int64_t>(weekday_of(date)); }

LocalDate easter_sunday(std::int64_t year) {
  const std::int64_t a = year % 19, b = year / 100, c = year % 100;
  const std::int64_t d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const std::int64_t h = (19 * a + b - d - g + 15) % 30;
  const std::int64_t i = c / 4, k = c % 4;
  const std::int64_t l = (32 + 2 * e + 2 * i - h - k) % 7;
  const std::int64_t m = (a + 11 * h + 22 * l) / 451;
  const std::int64_t sum = h + l - 7 * m + 114;
  return date_of({year, static_cast<int>(sum / 31), static_cast<int>(sum % 31 + 1)});
}

Holidays::Holidays(std::vector<LocalDate> dates) : dates_(std::move(dates)) {
  std::ranges::sort(dates_);
  const auto repeated = std::ranges::unique(dates_);
  dates_.erase(repeated.begin(), repeated.end());
}

bool Holidays::contains(LocalDate date) const { return std::ranges::binary_search(dates_, date); }

}  // namespace policy::time
