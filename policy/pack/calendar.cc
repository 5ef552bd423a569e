#include "policy/pack/calendar.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <set>

#include "policy/pack/csv.h"

namespace policy::pack {
namespace {

using time::LocalDate;
using Rule = std::function<std::optional<LocalDate>(std::int64_t year)>;

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<time::YearMonthDay> month_and_day(std::string_view text) {
  if (text.size() != 5 || text[2] != '-') return std::nullopt;
  const auto month = number(text.substr(0, 2)), day = number(text.substr(3));
  if (!month || !day || !time::real_date(2000, *month, *day)) return std::nullopt;
  return time::YearMonthDay{2000, *month, *day};
}

std::optional<Rule> parse_when(std::string_view when) {
  if (when.starts_with("easter") && when.size() > 7) {
    const auto days = number(when.substr(7));
    if (!days || *days < 0 || *days > 100 || (when[6] != '+' && when[6] != '-')) return std::nullopt;
    const int shift = when[6] == '-' ? -*days : *days;
    return [shift](std::int64_t year) { return time::easter_sunday(year) + shift; };
  }
  constexpr std::string_view kWednesdayBefore = "wed-before-";
  const bool wednesday = when.starts_with(kWednesdayBefore);
  const auto place = month_and_day(wednesday ? when.substr(kWednesdayBefore.size()) : when);
  if (!place) return std::nullopt;
  return [wednesday, place = *place](std::int64_t year) -> std::optional<LocalDate> {
    if (!time::real_date(year, place.month, place.day)) return std::nullopt;  // 29 February
    LocalDate date = time::date_of({year, place.month, place.day});
    if (!wednesday) return date;
    do date = date + -1;
    while (time::weekday_of(date) != time::Weekday::kWednesday);
    return date;
  };
}

struct Row {
  Rule rule;
  std::vector<std::string> places;
  std::int64_t first = kFirstHolidayYear;
  std::int64_t last = kLastHolidayYear;
};

std::optional<std::int64_t> year(CsvReader& csv, const CsvField& field, std::int64_t otherwise) {
  if (field.text.empty()) return otherwise;
  const auto parsed = number(field.text);
  if (parsed && *parsed >= kFirstHolidayYear && *parsed <= kLastHolidayYear) return *parsed;
  csv.add(field.at, {"calendar.year",
                     "year '" + base::printable(field.text) + "'",
                     std::to_string(kFirstHolidayYear) + " to " + std::to_string(kLastHolidayYear) + ", or empty",
                     {},
                     {}});
  return std::nullopt;
}

std::vector<Row> read_rows(const CalendarSource& source, Errors& errors) {
  CsvReader csv(source.name, source.csv, errors, CsvReader::Remarks::kAllowed);
  std::vector<Row> rows;
  if (!csv.header({"when", "places", "first", "last", "de", "en", "cite"})) return rows;
  while (const auto record = csv.next()) {
    Row row;
    const auto rule = parse_when((*record)[0].text);
    if (!rule) {
      csv.add((*record)[0].at, {"calendar.when",
                                "'" + base::printable((*record)[0].text) + "'",
                                "MM-DD, easter+N, easter-N, wed-before-MM-DD",
                                {},
                                {}});
    }
    const auto first = year(csv, (*record)[2], kFirstHolidayYear);
    const auto last = year(csv, (*record)[3], kLastHolidayYear);
    if (!rule || !first || !last) continue;
    std::string_view places = (*record)[1].text;
    while (!places.empty()) {
      const std::size_t end = std::min(places.find(';'), places.size());
      row.places.emplace_back(places.substr(0, end));
      places.remove_prefix(std::min(end + 1, places.size()));
    }
    row.rule = *rule;
    row.first = *first;
    row.last = *last;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::expected<Calendars, Errors> read_calendars(std::span<const CalendarSource> sources) {
  Errors errors;
  std::map<std::string, std::vector<LocalDate>> dates;
  for (const CalendarSource& source : sources) {
    const std::vector<Row> rows = read_rows(source, errors);
    std::set<std::string> places;
    for (const Row& row : rows) places.insert(row.places.begin(), row.places.end());
    places.erase("*");
    for (const Row& row : rows) {
      const bool all = std::ranges::find(row.places, "*") != row.places.end();
      for (const std::string& place : all ? std::vector(places.begin(), places.end()) : row.places)
        for (std::int64_t y = row.first; y <= row.last; ++y)
          if (const auto date = row.rule(y)) dates[place].push_back(*date);
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  Calendars calendars;
  for (auto& [place, days] : dates) calendars[place] = std::make_shared<const time::Holidays>(std::move(days));
  return calendars;
}

}  // namespace policy::pack
