#include "policy/diff/picture.h"

#include <algorithm>

#include "policy/chart/person_week.h"
#include "policy/decide/decide.h"
#include "policy/vocabulary/message_words.h"

namespace policy::diff {
namespace {

using base::Interval;
using chart::Mark;
using vocabulary::Both;
using vocabulary::say;

Interval span_of(const time::Zone& zone, time::LocalDate monday) {
  return {zone.first_reading(monday, {}), zone.first_reading(monday + 7, {})};
}

void append(std::vector<chart::Stretch>& line, Interval span, Mark mark) {
  if (span.empty()) return;
  if (!line.empty() && line.back().mark == mark && line.back().span.end == span.begin)
    line.back().span.end = span.end;
  else
    line.push_back({span, mark});
}

std::vector<chart::Stretch> line_of(const std::vector<model::Stretch>& line) {
  std::vector<chart::Stretch> out;
  for (const model::Stretch& stretch : line) append(out, stretch.span, chart::mark_of(stretch.effect));
  return out;
}

// The new line with the changes over it; `changes` of the class, sorted.
std::vector<chart::Stretch> marked(const std::vector<model::Stretch>& line, const std::vector<Change>& changes) {
  std::vector<chart::Stretch> out;
  auto change = changes.begin();
  for (const model::Stretch& stretch : line) {
    base::Instant at = stretch.span.begin;
    for (; change != changes.end() && change->span.begin < stretch.span.end; ++change) {
      append(out, {at, change->span.begin}, chart::mark_of(stretch.effect));
      append(out, change->span, change->after > change->before ? Mark::kNewlyHeld : Mark::kNewlyOpen);
      at = change->span.end;
    }
    append(out, {at, stretch.span.end}, chart::mark_of(stretch.effect));
  }
  return out;
}

Both packs_of(const pack::Rules& rules) {
  std::vector<Both> names;
  for (const pack::Pack& pack : rules.packs)
    names.push_back(say("{} Fassung {}", "{} version {}", pack.id, pack.version));
  return vocabulary::list_and(names);
}

}  // namespace

time::LocalDate week_to_show(const pack::RuleSet& after, const std::vector<Change>& changes) {
  const time::Zone& zone = *after.rules().zone_table;
  const time::LocalDate ordinary = chart::ordinary_week(after);
  const Interval week = span_of(zone, ordinary);
  const bool shows = std::ranges::any_of(
      changes, [&](const Change& one) { return one.span.begin < week.end && week.begin < one.span.end; });
  if (shows) return ordinary;
  const auto first = std::ranges::min_element(changes, {}, [](const Change& one) { return one.span.begin; });
  return time::monday_of_week(zone.date_at(first->span.begin));
}

chart::Week picture_of(const pack::RuleSet& before, const pack::RuleSet& after, const model::PersonFacts& facts,
                       time::LocalDate monday, const Both& who) {
  const pack::Rules& rules = after.rules();
  const Interval span = span_of(*rules.zone_table, monday);
  chart::Week week = chart::week_of(after, facts, monday, who);  // zone, dates and holidays
  week.id = "diff";
  week.title = {"Was sich ändert", "What changes"};
  week.caption = say("{}. Vorher {}, nachher {}.", "{}. Before {}, after {}.", vocabulary::capital(who),
                     packs_of(before.rules()), packs_of(rules));
  const chart::Panel roster = week.panels.front();
  week.panels.clear();
  const std::vector<Change> changes = changes_of(before, after, facts, span);
  for (const model::MessageClass c : model::kMessageClasses) {
    std::vector<Change> own;
    std::ranges::copy_if(changes, std::back_inserter(own), [c](const Change& one) { return one.message_class == c; });
    if (own.empty()) continue;
    const Both name = vocabulary::capital(vocabulary::messages(c));
    week.panels.push_back({say("{} – vorher", "{} – before", name), line_of(decide::timeline(before, facts, c, span))});
    week.panels.push_back(
        {say("{} – nachher", "{} – after", name), marked(decide::timeline(after, facts, c, span), own)});
  }
  if (!week.panels.empty()) week.panels.insert(week.panels.begin(), roster);
  return week;
}

model::PersonFacts person_of(const Case& one) {
  model::PersonFacts facts = one.lives.front().facts;
  facts.groups = one.who.front().in;
  return facts;
}

}  // namespace policy::diff
