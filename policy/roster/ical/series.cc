#include "policy/roster/ical/series.h"

#include <algorithm>

namespace policy::roster::ical {
namespace {

using base::Instant;
using draft::Draft;
using time::LocalDate;

// The last date on which something may begin before the horizon, and not after UNTIL.
LocalDate last_date(const Event& event, const Draft& draft) {
  const Instant horizon = draft.options().horizon - base::Seconds{1};
  const time::Zone* zone = event.begin.zone;
  const LocalDate last = zone != nullptr ? zone->date_at(horizon) : LocalDate{horizon.unix_s / 86400};
  if (!event.rule->until) return last;
  return std::min(last, event.rule->until->date + 1);  // a day more: UNTIL may be in UTC
}

// UNTIL is inclusive. In UTC it is an instant; else it stands on the same wall as DTSTART.
bool too_late(const Event& event, const Moment& occurrence) {
  const auto& until = event.rule->until;
  if (!until) return false;
  if (until->utc) return occurrence.begin() > Moment{until->date, until->time, false, nullptr}.begin();
  if (until->whole_day) return occurrence.date > until->date;
  return std::pair(occurrence.date, occurrence.time) > std::pair(until->date, until->time);
}

bool expand_rule(const Event& event, Budget& budget, Draft& draft, std::map<Instant, Moment>& found) {
  const LocalDate first = event.begin.date, last = last_date(event, draft);
  const std::int64_t cost = last < first ? 0 : last.days - first.days + 1;
  if (cost > budget.days) {
    draft.add(event.rule_at, {"roster.too-many",
                              "a recurrence rule that reaches too far",
                              "at most " + std::to_string(kRecurrenceDaysPerFileMax) + " days of all rules together",
                              "end the rules with UNTIL, or split the file",
                              {}});
    return false;
  }
  budget.days -= cost;
  const auto days = expand(*event.rule, first, last, kRecurrencesMax);
  if (!days) {
    draft.add(event.rule_at, days.error());
    return false;
  }
  for (const LocalDate day : *days) {
    const Moment moment = event.begin.on(day);
    if (moment.begin() < draft.options().horizon && !too_late(event, moment)) found.emplace(moment.begin(), moment);
  }
  return true;
}

void add_entries(const Event& event, const base::Interval& span, Draft& draft) {
  for (model::PersonFacts* person : event.persons) draft.add(person, {event.kind, span}, event.at);
}

// A series and what replaces single occurrences of it.
struct Series {
  const Event* whole = nullptr;
  std::map<Instant, const Event*> instead;  // by what it replaces
};

void resolve_series(const Series& series, Budget& budget, Draft& draft) {
  if (series.whole != nullptr && !series.whole->cancelled) {
    auto found = occurrences(*series.whole, budget, draft);
    if (!found) return;
    for (const auto& [replaced, event] : series.instead) {
      if (found->erase(replaced) == 0 && replaced < draft.options().horizon) {
        draft.add(event->instead_of->at, {"ical.recurrence",
                                          "a RECURRENCE-ID that names no occurrence of its series",
                                          "the begin of one of them",
                                          {},
                                          {}});
      }
    }
    for (const auto& [begin, moment] : *found) {
      if (draft.full()) return;
      add_entries(*series.whole, series.whole->span_at(moment), draft);
    }
  }
  // What was cancelled as a whole stays so; an occurrence without its series stands for itself.
  if (series.whole != nullptr && series.whole->cancelled) return;
  for (const auto& [replaced, event] : series.instead)
    if (!event->cancelled) add_entries(*event, event->span_at(event->begin), draft);
}

}  // namespace

std::optional<std::map<Instant, Moment>> occurrences(const Event& event, Budget& budget, Draft& draft) {
  std::map<Instant, Moment> found;
  if (event.rule) {
    if (!expand_rule(event, budget, draft, found)) return std::nullopt;
  } else {
    found.emplace(event.begin.begin(), event.begin);
  }
  for (const Occurrence& more : event.more) found.emplace(more.begin.begin(), more.begin);
  for (const Moment& without : event.without) found.erase(without.begin());
  if (event.rule || !event.more.empty()) {
    if (found.size() > budget.recurrences) {
      draft.add(event.at, {"roster.too-many",
                           "more recurrences",
                           "at most " + std::to_string(kRecurrencesPerFileMax) + " of a file",
                           "split it",
                           {}});
      return std::nullopt;
    }
    budget.recurrences -= found.size();
  }
  return found;
}

void resolve(std::vector<Event> events, Budget& budget, Draft& draft) {
  std::map<std::string_view, Series> by_uid;
  for (const Event& event : events) {
    if (draft.full()) return;
    Series alone;
    Series& series = event.uid.empty() ? alone : by_uid[event.uid];
    if (event.instead_of && !event.uid.empty()) {
      if (!series.instead.emplace(event.instead_of->begin.begin(), &event).second)
        draft.add(event.at, {"ical.recurrence", "an occurrence that is replaced twice", "each at most once", {}, {}});
      continue;
    }
    if (series.whole != nullptr) {
      draft.add(event.at,
                {"ical.value", "the UID '" + base::printable(event.uid) + "' again", "each event its own UID", {}, {}});
      continue;
    }
    series.whole = &event;
    if (event.uid.empty()) resolve_series(series, budget, draft);
  }
  for (const auto& [uid, series] : by_uid) {
    if (draft.full()) return;
    resolve_series(series, budget, draft);
  }
}

}  // namespace policy::roster::ical
