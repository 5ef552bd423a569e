#include "policy/diff/fold.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace policy::diff {
namespace {

using base::Interval;
using model::Effect;
using time::LocalDate;
using time::LocalTime;

constexpr std::size_t kKinds = time::kHolidayBit + 1;
using Dates = std::array<std::vector<LocalDate>, kKinds>;  // of the span, by kind of day

struct Days {
  const Calendar& calendar;
  bool holidays_apart = false;

  std::size_t kind_of(LocalDate date) const {
    if (holidays_apart && calendar.holidays.contains(date)) return time::kHolidayBit;
    return static_cast<std::size_t>(time::weekday_of(date));
  }
  Dates dates() const {
    Dates out;
    const LocalDate last = calendar.zone.date_at(calendar.span.end - base::Seconds{1});
    for (LocalDate date = calendar.zone.date_at(calendar.span.begin); date <= last; date = date + 1)
      out[kind_of(date)].push_back(date);
    return out;
  }
};

struct Shape {
  LocalTime from, to;
  std::int64_t dates_later = 0;
  auto operator<=>(const Shape&) const = default;
};

Interval interval_of(const time::Zone& zone, const Shape& shape, LocalDate date) {
  return {zone.first_reading(date, shape.from), zone.last_reading(date + shape.dates_later, shape.to)};
}

// Touching changes of one class and one pair of effects.
struct Run {
  Interval span;
  std::set<std::string> rules;
};

void fold_times(const std::vector<Run>& runs, const Days& days, Folded& out) {
  const time::Zone& zone = days.calendar.zone;
  const Dates dates = days.dates();
  std::map<std::pair<std::size_t, Shape>, std::vector<std::pair<LocalDate, const Run*>>> found;
  const auto alone = [&](const Run& run) {
    out.single.push_back(run.span);
    out.rules.insert(run.rules.begin(), run.rules.end());
  };
  for (const Run& run : runs) {
    const LocalDate date = zone.date_at(run.span.begin), end = zone.date_at(run.span.end);
    const Shape shape{zone.time_at(run.span.begin), zone.time_at(run.span.end), end.days - date.days};
    const std::size_t kind = days.kind_of(date);
    // Around a clock change the local times may not lead back to the instants.
    const bool exact = interval_of(zone, shape, date) == run.span && std::ranges::binary_search(dates[kind], date);
    if (exact)
      found[{kind, shape}].emplace_back(date, &run);
    else
      alone(run);
  }
  std::map<Shape, Weekly> weekly;
  for (const auto& [key, on] : found) {
    const auto& [kind, shape] = key;
    if (on.size() < kWeeklyMin || 2 * on.size() <= dates[kind].size()) {
      for (const auto& [date, run] : on) alone(*run);
      continue;
    }
    Weekly& one = weekly[shape];
    one.days.set(kind);
    for (const auto& [date, run] : on) one.rules.insert(run->rules.begin(), run->rules.end());
    for (const LocalDate date : dates[kind])
      if (std::ranges::find(on, date, &std::pair<LocalDate, const Run*>::first) == on.end()) one.not_on.push_back(date);
  }
  for (auto& [shape, one] : weekly) {
    std::tie(one.from, one.to, one.dates_later) = std::tie(shape.from, shape.to, shape.dates_later);
    std::ranges::sort(one.not_on);
    out.weekly.push_back(std::move(one));
  }
  std::ranges::sort(out.single);
}

std::size_t words_in(const Folded& folded) {
  std::size_t words = folded.single.size() + 2 * folded.weekly.size();
  for (const Weekly& weekly : folded.weekly) words += weekly.not_on.size();
  return words;
}

Folded folded(const std::vector<Run>& runs, Folded what, const Calendar& calendar) {
  if (runs.size() == 1 && runs.front().span == calendar.span) {
    what.throughout = true;
    what.rules = runs.front().rules;
    return what;
  }
  Folded apart = what;
  apart.holidays_apart = true;
  fold_times(runs, {calendar, false}, what);
  fold_times(runs, {calendar, true}, apart);
  return words_in(apart) < words_in(what) ? apart : what;
}

std::set<std::string> rules_of(const Change& change) {
  std::set<std::string> out(change.rules_before.begin(), change.rules_before.end());
  out.insert(change.rules_after.begin(), change.rules_after.end());
  return out;
}

// Where only the rules differ, they are what is told apart.
using Kind = std::tuple<model::MessageClass, Effect, Effect, std::vector<std::string>, std::vector<std::string>>;
Kind kind_of(const Change& change) {
  if (change.before != change.after) return {change.message_class, change.before, change.after, {}, {}};
  return {change.message_class, change.before, change.after, change.rules_before, change.rules_after};
}

}  // namespace

std::vector<Folded> fold(const std::vector<Change>& changes, const Calendar& calendar) {
  std::map<Kind, std::vector<Run>> kinds;
  for (const Change& change : changes) {
    std::vector<Run>& runs = kinds[kind_of(change)];
    if (!runs.empty() && runs.back().span.end == change.span.begin) {
      runs.back().span.end = change.span.end;
      runs.back().rules.merge(rules_of(change));
    } else {
      runs.push_back({change.span, rules_of(change)});
    }
  }
  std::vector<Folded> out;
  for (const auto& [kind, runs] : kinds) {
    Folded what;
    what.before = std::get<1>(kind);
    what.after = std::get<2>(kind);
    Folded found = folded(runs, what, calendar);
    const auto same = [&](const Folded& other) {
      Folded with = found;
      with.classes = other.classes;
      return with == other;
    };
    const auto known = std::ranges::find_if(out, same);
    Folded& into = known == out.end() ? out.emplace_back(found) : *known;
    into.classes.set(pack::index_of(std::get<0>(kind)));
  }
  return out;
}

time::IntervalSet unfold(const Folded& folded, const Calendar& calendar) {
  if (folded.throughout) return time::IntervalSet({calendar.span});
  std::vector<Interval> out = folded.single;
  const Dates dates = Days{calendar, folded.holidays_apart}.dates();
  for (const Weekly& weekly : folded.weekly)
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      if (!weekly.days[kind]) continue;
      for (const LocalDate date : dates[kind])
        if (!std::ranges::binary_search(weekly.not_on, date))
          out.push_back(interval_of(calendar.zone, {weekly.from, weekly.to, weekly.dates_later}, date));
    }
  return time::IntervalSet(std::move(out));
}

}  // namespace policy::diff
