// Dates and times of day as a calendar on the wall shows them: no zone, no instant. Proleptic Gregorian, values, no
// errors: a LocalDate is a count of days and cannot be invalid.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

namespace policy::time {

// Days since 1970-01-01.
struct LocalDate {
  std::int64_t days = 0;
  auto operator<=>(const LocalDate&) const = default;
};
constexpr LocalDate operator+(LocalDate date, std::int64_t days) { return {date.days + days}; }

enum class Weekday : std::uint8_t { kMonday, kTuesday, kWednesday, kThursday, kFriday, kSaturday, kSunday };

struct YearMonthDay {
  std::int64_t year = 1970;
  int month = 1;  // 1–12
  int day = 1;    // 1–31
  auto operator<=>(const YearMonthDay&) const = default;
};

// Seconds since local midnight, 0–86399.
struct LocalTime {
  std::int32_t second = 0;
  auto operator<=>(const LocalTime&) const = default;
};

LocalDate date_of(const YearMonthDay& civil);  // `civil` must name a real date, see real_date()
YearMonthDay civil_of(LocalDate date);
bool real_date(std::int64_t year, int month, int day);
int days_in_month(std::int64_t year, int month);
Weekday weekday_of(LocalDate date);
LocalDate monday_of_week(LocalDate date);

// Easter Sunday of the western church, 1583 and later (Meeus, Jones and Butcher; Meeus, "Astronomical Algorithms", ch.
// 8).
LocalDate easter_sunday(std::int64_t year);

// Public holidays of one place, sorted.
class Holidays {
 public:
  Holidays() = default;
  explicit Holidays(std::vector<LocalDate> dates);
  bool contains(LocalDate date) const;
  const std::vector<LocalDate>& dates() const { return dates_; }

 private:
  std::vector<LocalDate> dates_;
};

}  // namespace policy::time
