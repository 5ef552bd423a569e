#include "policy/roster/ical/moment.h"

#include <algorithm>
#include <array>

namespace policy::roster::ical {
namespace {

constexpr std::int64_t kDurationDaysMax = 3660;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  if (at + size > text.size()) return std::nullopt;
  for (const char c : text.substr(at, size)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

base::Instant utc(const Moment& moment) { return {moment.date.days * 86400 + moment.time.second}; }

}  // namespace

base::Instant Moment::begin() const { return zone == nullptr ? utc(*this) : zone->first_reading(date, time); }
base::Instant Moment::end() const { return zone == nullptr ? utc(*this) : zone->last_reading(date, time); }

base::Result<WallClock> parse_wall_clock(std::string_view text) {
  const auto bad = [&] {
    return base::fail("ical.value", "date or time '" + base::printable(text) + "'",
                      "a real one in the years 1 to 9999, as 20260328, 20260328T200000 or 20260328T190000Z");
  };
  const auto year = digits(text, 0, 4), month = digits(text, 4, 2), day = digits(text, 6, 2);
  if (!year || !month || !day || !time::real_date(*year, *month, *day)) return bad();
  WallClock out;
  out.date = time::date_of({*year, *month, *day});
  out.whole_day = text.size() == 8;
  if (out.whole_day) return out;
  out.utc = text.size() == 16 && text[15] == 'Z';
  if (text[8] != 'T' || (text.size() != 15 && !out.utc)) return bad();
  const auto hour = digits(text, 9, 2), minute = digits(text, 11, 2), second = digits(text, 13, 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return bad();
  out.time = {*hour * 3600 + *minute * 60 + std::min(*second, 59)};
  return out;
}

base::Result<Duration> parse_duration(std::string_view text) {
  const auto bad = [whole = text] {
    return base::fail("ical.value", "duration '" + base::printable(whole) + "'",
                      "a positive one of at most 3660 days, as PT8H, PT7H30M, P1D or P2W");
  };
  if (text.starts_with('+')) text.remove_prefix(1);
  if (!text.starts_with('P')) return bad();
  text.remove_prefix(1);
  Duration out;
  std::string_view units = "WDHMS";  // in falling order, weeks alone
  bool timed = false;
  std::size_t parts = 0;
  while (!text.empty()) {
    if (text.front() == 'T' && !timed) {
      timed = true;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    if (size == 0 || size > 9 || size == text.size()) return bad();
    const std::int64_t count = *digits(text, 0, size);
    const char unit = text[size];
    const std::size_t rank = units.find(unit);
    if (rank == std::string_view::npos || (unit == 'W' || unit == 'D') == timed ||
        (unit == 'W' && size + 1 < text.size()))
      return bad();
    units.remove_prefix(rank + 1);
    if (unit == 'W') out.days += count * 7;
    if (unit == 'D') out.days += count;
    if (unit == 'H') out.exact.count += count * 3600;
    if (unit == 'M') out.exact.count += count * 60;
    if (unit == 'S') out.exact.count += count;
    text.remove_prefix(size + 1);
    ++parts;
  }
  if (parts == 0 || out.days > kDurationDaysMax || out.days * 86400 + out.exact.count > kDurationDaysMax * 86400)
    return bad();
  return out;
}

std::string_view zone_name(std::string_view tzid) {
  struct Known {
    std::string_view theirs, ours;
  };
  constexpr std::array kMicrosoft{
      Known{"W. Europe Standard Time", "Europe/Berlin"}, Known{"Romance Standard Time", "Europe/Paris"},
      Known{"Central Europe Standard Time", "Europe/Budapest"},
      Known{"Central European Standard Time", "Europe/Warsaw"}, Known{"GMT Standard Time", "Europe/London"}};
  const auto* known = std::ranges::find(kMicrosoft, tzid, &Known::theirs);
  if (known != kMicrosoft.end()) return known->ours;
  if (tzid.starts_with('/')) tzid.remove_prefix(1);
  return tzid;
}

}  // namespace policy::roster::ical
