#include "policy/vocabulary/calendar_words.h"

namespace policy::vocabulary {
namespace {

struct Pair {
  std::string_view de, en;
};
Both both(const Pair& pair) { return {std::string(pair.de), std::string(pair.en)}; }

constexpr std::array<Pair, 7> kWeekdays{{{"Montag", "Monday"},
                                         {"Dienstag", "Tuesday"},
                                         {"Mittwoch", "Wednesday"},
                                         {"Donnerstag", "Thursday"},
                                         {"Freitag", "Friday"},
                                         {"Samstag", "Saturday"},
                                         {"Sonntag", "Sunday"}}};
constexpr std::array<Pair, 7> kShort{
    {{"Mo", "Mon"}, {"Di", "Tue"}, {"Mi", "Wed"}, {"Do", "Thu"}, {"Fr", "Fri"}, {"Sa", "Sat"}, {"So", "Sun"}}};
constexpr std::array<Pair, 7> kEach{{{"montags", "Mondays"},
                                     {"dienstags", "Tuesdays"},
                                     {"mittwochs", "Wednesdays"},
                                     {"donnerstags", "Thursdays"},
                                     {"freitags", "Fridays"},
                                     {"samstags", "Saturdays"},
                                     {"sonntags", "Sundays"}}};
constexpr std::array<Pair, 12> kMonths{{{"Januar", "January"},
                                        {"Februar", "February"},
                                        {"März", "March"},
                                        {"April", "April"},
                                        {"Mai", "May"},
                                        {"Juni", "June"},
                                        {"Juli", "July"},
                                        {"August", "August"},
                                        {"September", "September"},
                                        {"Oktober", "October"},
                                        {"November", "November"},
                                        {"Dezember", "December"}}};
constexpr Pair kHolidays{"an Feiertagen", "on public holidays"};

std::string two_digits(std::int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }

// Runs of at least three days are "montags bis freitags".
std::vector<Both> runs(const time::DaySet& days) {
  std::vector<Both> found;
  for (std::size_t first = 0; first < kEach.size(); ++first) {
    if (!days[first]) continue;
    std::size_t last = first;
    while (last + 1 < kEach.size() && days[last + 1]) ++last;
    if (last - first >= 2) {
      found.push_back(say("{} bis {}", "{} to {}", both(kEach[first]), both(kEach[last])));
      first = last;
    } else {
      found.push_back(both(kEach[first]));
    }
  }
  return found;
}

bool every_weekday(const time::DaySet& days) { return (days | time::DaySet(1U << time::kHolidayBit)).all(); }

}  // namespace

Both weekday(time::Weekday day) { return both(kWeekdays[static_cast<std::size_t>(day)]); }
Both weekday_short(time::Weekday day) { return both(kShort[static_cast<std::size_t>(day)]); }

Both date(time::LocalDate date) {
  const time::YearMonthDay civil = time::civil_of(date);
  return say("{}. {} {}", "{} {} {}", civil.day, both(kMonths[static_cast<std::size_t>(civil.month - 1)]), civil.year);
}

Both day_and_date(time::LocalDate day) { return say("{}, {}", "{} {}", weekday(time::weekday_of(day)), date(day)); }

std::string clock(std::int32_t second) {
  std::string out = two_digits(second / 3600) + ":" + two_digits(second / 60 % 60);
  if (second % 60 != 0) out += ":" + two_digits(second % 60);
  return out;
}

Both time_of_day(time::LocalTime time) { return say("{} Uhr", "{}", clock(time.second)); }

Both moment(const time::Zone& zone, base::Instant instant) {
  const Both day = day_and_date(zone.date_at(instant));
  const std::string reading = clock(zone.time_at(instant).second), suffix(zone.abbreviation_at(instant));
  return {day.de + ", " + reading + " Uhr (" + suffix + ")", reading + " on " + day.en + " (" + suffix + ")"};
}

Both duration(base::Seconds length, Case german) {
  const Noun kDays{"Tag", german == Case::kDative ? "Tagen" : "Tage", "day", "days"};
  constexpr Noun kHours{"Stunde", "Stunden", "hour", "hours"}, kMinutes{"Minute", "Minuten", "minute", "minutes"},
      kSeconds{"Sekunde", "Sekunden", "second", "seconds"};
  Both out;
  std::int64_t rest = length.count;
  const auto part = [&](std::int64_t size, const Noun& noun) {
    if (rest / size > 0) out = out + (out.empty() ? same("") : same(" ")) + counted(rest / size, noun);
    rest %= size;
  };
  if (rest == 0) return counted(0, kMinutes);
  // A rest is hours to the people who keep it: 36 hours stay hours, whole days from two on are days.
  if (rest >= 2 * base::kDay.count && rest % base::kDay.count == 0) part(base::kDay.count, kDays);
  part(base::kHour.count, kHours);
  part(base::kMinute.count, kMinutes);
  part(1, kSeconds);
  return out;
}

Both weekdays(const time::DaySet& days) {
  if (every_weekday(days)) return {"an jedem Tag", "on every day"};
  const std::vector<Both> found = runs(days);
  if (found.empty()) return {"an keinem Wochentag", "on no day of the week"};
  return say("{}", "on {}", list_and(found));
}

Both days(const time::DaySet& days) {
  const bool holidays = days[time::kHolidayBit];
  if (every_weekday(days))
    return weekdays(days) + (holidays ? Both{", auch an Feiertagen", ", public holidays included"}
                                      : Both{", aber nicht an Feiertagen", ", but not on public holidays"});
  std::vector<Both> found = runs(days);
  if (found.empty()) return holidays ? both(kHolidays) : weekdays(days);
  if (!holidays) return weekdays(days) + say(", aber nicht {}", ", but not {}", both(kHolidays));
  found.push_back(both(kHolidays));
  return say("{}", "on {}", list_and(found));
}

static Both from_to(const Both& days, bool aside, const time::Window& window) {
  const Both comma = aside ? same(",") : Both{}, from = time_of_day(window.from), to = time_of_day(window.to);
  if (window.to <= window.from)
    return say("{}{} von {} bis {} am nächsten Tag", "{}{} from {} to {} on the next day", days, comma, from, to);
  return say("{}{} von {} bis {}", "{}{} from {} to {}", days, comma, from, to);
}

Both window(const time::Window& window) {
  const bool aside = every_weekday(window.days) || !window.days[time::kHolidayBit];
  return from_to(days(window.days), aside, window);
}

Both core_hours(const time::Window& hours) { return from_to(weekdays(hours.days), false, hours); }

}  // namespace policy::vocabulary
