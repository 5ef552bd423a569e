#include "policy/roster/ical/availability.h"

#include <algorithm>
#include <tuple>

namespace policy::roster::ical {
namespace {

using base::Interval;
using draft::Draft;

constexpr int kNoPriority = 0;
int rank(int priority) { return priority == kNoPriority ? 10 : priority; }

std::optional<Interval> read_range(const Component& component, const Frame& frame, Draft& draft) {
  Interval range{base::kBeginningOfTime, base::kEndOfTime};
  const ContentLine *begin = component.find("DTSTART"), *end = component.find("DTEND"),
                    *duration = component.find("DURATION");
  if (begin != nullptr) {
    const auto moment = read_moment(*begin, frame, draft);
    if (!moment) return std::nullopt;
    range.begin = moment->begin();
    if (duration != nullptr) {
      const auto read = parse_duration(duration->value);
      if (!read) draft.add(duration->place(0), read.error());
      if (!read) return std::nullopt;
      range.end = moment->on(moment->date + read->days).end() + read->exact;
    }
  }
  if (end != nullptr) {
    const auto moment = read_moment(*end, frame, draft);
    if (!moment) return std::nullopt;
    range.end = moment->end();
  }
  if (!range.empty()) return range;
  draft.add(component.at,
            {"roster.interval", "an availability that ends before it begins", "an end after the begin", {}, {}});
  return std::nullopt;
}

bool overlap(const std::vector<Availability>& all, Draft& draft) {
  bool found = false;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const Availability &before = all[i - 1], &one = all[i];
    if (before.person != one.person || before.priority != one.priority || before.range.end <= one.range.begin) continue;
    draft.add(one.at, {"ical.value",
                       "two availabilities of one priority at the same time",
                       "priorities that differ, or times that do",
                       {},
                       {}});
    found = true;
  }
  return found;
}

}  // namespace

std::optional<Availability> read_availability(const Component& component, const Frame& frame, Draft& draft) {
  Availability out;
  out.at = component.at;
  if (const ContentLine* line = component.find("PRIORITY")) {
    const bool digit = line->value.size() == 1 && line->value[0] >= '0' && line->value[0] <= '9';
    if (!digit) {
      draft.add(line->place(0), {"ical.value", "priority '" + base::printable(line->value) + "'", "0 to 9", {}, {}});
      return std::nullopt;
    }
    out.priority = line->value[0] - '0';
  }
  const auto range = read_range(component, frame, draft);
  const auto persons = read_persons(component, frame, draft);
  if (!range || persons.empty()) return std::nullopt;
  out.range = *range;
  out.person = persons.front();
  return out;
}

void add_hours(Availability& availability, const Event& event, Budget& budget, Draft& draft) {
  if (event.cancelled) return;
  const auto found = occurrences(event, budget, draft);
  if (!found) return;
  auto& hours = availability.hours[event.kind];
  for (const auto& [begin, moment] : *found) {
    const Interval span = event.span_at(moment);
    if (!span.empty()) {
      hours.push_back(span);
      continue;
    }
    draft.add(event.at, {"roster.interval", "available hours without length", "an end after the begin", {}, {}});
    return;
  }
}

void resolve(std::vector<Availability> all, Draft& draft) {
  std::ranges::sort(all, [](const Availability& a, const Availability& b) {
    return std::tuple(a.person, -rank(a.priority), a.range.begin, a.at) <
           std::tuple(b.person, -rank(b.priority), b.range.begin, b.at);
  });
  if (overlap(all, draft)) return;
  for (std::size_t i = 0; i < all.size();) {
    std::map<model::RosterKind, time::IntervalSet> hours;
    const std::size_t first = i;
    for (; i < all.size() && all[i].person == all[first].person; ++i) {
      if (i - first == kAvailabilitiesMax) {
        draft.add(all[i].at, {"roster.too-many", "more availabilities of one person", "at most 1000 of them", {}, {}});
        return;
      }
      const time::IntervalSet range(std::vector{all[i].range});
      for (auto& [kind, set] : hours) set = subtract(set, range);
      for (auto& [kind, spans] : all[i].hours)
        hours[kind] = unite(hours[kind], clip(time::IntervalSet(std::move(spans)), all[i].range));
    }
    for (const auto& [kind, set] : hours)
      for (const Interval& span : set.intervals()) draft.add(all[first].person, {kind, span}, all[first].at);
  }
}

}  // namespace policy::roster::ical
