#include <libical/ical.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "policy/roster/ical/recurrence.h"

namespace policy::roster::ical {
namespace {

using time::LocalDate;

constexpr std::int64_t kLastYearOfLibical = 2582;

// "20260328"
std::string text_of(LocalDate date) {
  const auto civil = time::civil_of(date);
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%04d%02d%02d", static_cast<int>(civil.year), civil.month, civil.day);
  return out.data();
}

LocalDate date_of(const icaltimetype& value) { return time::date_of({value.year, value.month, value.day}); }

constexpr std::array<std::string_view, 7> kWeekdays{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
std::string_view name_of(time::Weekday day) { return kWeekdays[static_cast<std::size_t>(day)]; }

void append_list(std::string& out, std::string_view name, std::vector<int> values) {
  std::ranges::sort(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    out += (i == 0 ? ";" + std::string(name) + "=" : ",") + std::to_string(values[i]);
}

// As libical's own parser takes it, which also brings its lists into the order that the iterator expects. COUNT stays
// with us, and UNTIL is always given: it is what ends libical's search for a day that never comes.
std::string text_of(const Rule& rule, LocalDate last) {
  constexpr std::array<std::string_view, 4> kFrequencies{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
  std::string out = "FREQ=" + std::string(kFrequencies[static_cast<std::size_t>(rule.frequency)]);
  out += ";UNTIL=" + text_of(last) + ";INTERVAL=" + std::to_string(rule.interval);
  append_list(out, "BYMONTH", rule.months);
  append_list(out, "BYMONTHDAY", rule.month_days);
  append_list(out, "BYYEARDAY", rule.year_days);
  for (std::size_t i = 0; i < rule.days.size(); ++i) {
    const ByDay& day = rule.days[i];
    out += (i == 0 ? ";BYDAY=" : ",") + (day.position == 0 ? "" : std::to_string(day.position)) +
           std::string(name_of(day.weekday));
  }
  append_list(out, "BYSETPOS", rule.positions);
  return out + ";WKST=" + std::string(name_of(rule.week_start));
}

struct Free {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

// One more than `wanted` if there are more.
std::vector<LocalDate> libical_days(const Rule& rule, LocalDate first, LocalDate last, std::size_t wanted) {
  std::vector<LocalDate> days;
  icalerror_set_errors_are_fatal(0);  // process-wide, and always the same
  const std::unique_ptr<icalrecur_iterator, Free> iterator(icalrecur_iterator_new(
      icalrecurrencetype_from_string(text_of(rule, last).c_str()), icaltime_from_string(text_of(first).c_str())));
  while (iterator && days.size() <= wanted && (!rule.count || days.size() < *rule.count)) {
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(next) || date_of(next) > last) break;
    days.push_back(date_of(next));
  }
  return days;
}

base::Result<std::vector<LocalDate>> fails(std::string seen, std::string allowed) {
  return base::fail("ical.recurrence", std::move(seen), std::move(allowed));
}

}  // namespace

base::Result<std::vector<LocalDate>> expand(const Rule& rule, LocalDate first, LocalDate last, std::size_t max) {
  last = std::min(last, time::date_of({kLastYearOfLibical, 1, 1}));
  std::vector<LocalDate> days;
  if (first > last) return days;
  days = read_by_the_table(rule, first, last, max + 1);
  // Asked first, since libical searches far for the first day of a rule that has none.
  if (days.empty() || days.front() != first)
    return fails("a recurrence rule that does not name the day of its DTSTART", "a rule whose first day is DTSTART");
  if (days.size() > max) return fails("more recurrences", "at most " + std::to_string(max) + " of them");
  if (libical_days(rule, first, last, days.size()) != days) {
    return fails("a recurrence rule that libical reads differently from RFC 5545",
                 "a simpler rule, or the days one by one as RDATE");
  }
  return days;
}

}  // namespace policy::roster::ical
