// Public holidays from CSV tables of rules (rules/calendars): "when" a day falls, in which places, from which year on,
// by which law. Computed for kFirstHolidayYear to kLastHolidayYear; outside these years no date is a holiday.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "policy/pack/roster_csv.h"
#include "policy/time/civil.h"

namespace policy::pack {

constexpr std::int64_t kFirstHolidayYear = 2000;
constexpr std::int64_t kLastHolidayYear = 2100;

struct CalendarSource {
  std::string name;  // shown in errors
  std::string csv;
};

// By place: "DE-NI".
using Calendars = std::map<std::string, std::shared_ptr<const time::Holidays>, std::less<>>;

// Columns: when,places,first,last,de,en,cite. `when` is MM-DD, easter+N, easter-N or wed-before-MM-DD; `places` are
// separated by ';', and '*' stands for every place that the file names; `first` and `last` are years or empty. Lines
// that begin with '#' are remarks. Errors: csv.*, calendar.when, calendar.year.
std::expected<Calendars, Errors> read_calendars(std::span<const CalendarSource> sources);

// rules/calendars as it was when the program was built.
std::span<const CalendarSource> shipped_calendars();

}  // namespace policy::pack
