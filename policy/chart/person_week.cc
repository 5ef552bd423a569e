#include "policy/chart/person_week.h"

#include <algorithm>

#include "policy/decide/decide.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::chart {
namespace {

using base::Instant;
using base::Interval;
using model::RosterKind;
using time::IntervalSet;
using time::LocalDate;
using vocabulary::say;

constexpr std::int64_t kSampleWeeks = 2;  // of roster on both sides of the week, more than any rest reaches

Interval span_of(const time::Zone& zone, LocalDate monday) {
  return {zone.first_reading(monday, {}), zone.first_reading(monday + 7, {})};
}

// The core hours of the person, if any rule looks at them; else those of any pack that has some.
const pack::Pack* core_hours_of(const pack::Rules& rules, const model::PersonFacts& facts) {
  const auto fits = [&](std::size_t pack) {
    const auto& schedule = rules.packs[pack].schedule;
    return schedule && pack::applies_to(schedule->applies, facts.groups);
  };
  for (const pack::RestRule& rule : rules.rests) {
    const auto& pack = rules.duty_views[rule.duty_view].schedule_pack;
    if (pack && fits(*pack) && pack::applies_to(rule.applies, facts.groups)) return &rules.packs[*pack];
  }
  for (std::size_t pack = 0; pack < rules.packs.size(); ++pack)
    if (fits(pack)) return &rules.packs[pack];
  return nullptr;
}

IntervalSet core_hours(const pack::Pack& pack, LocalDate monday) {
  std::vector<Interval> found;
  for (std::int64_t day = 0; day < 7; ++day) {
    if (pack.holidays->contains(monday + day)) continue;
    for (const time::Window& hours : pack.schedule->hours)
      if (time::listed(hours.days, {}, monday + day)) found.push_back(time::hours_on(hours, *pack.zone, monday + day));
  }
  return IntervalSet(std::move(found));
}

void add(std::vector<Stretch>& line, const IntervalSet& set, Mark mark) {
  for (const Interval& span : set.intervals()) line.push_back({span, mark});
}

template <typename Kinds>
IntervalSet entries(const model::PersonFacts& facts, Interval span, Kinds kinds) {
  std::vector<Interval> found;
  for (const model::RosterEntry& entry : facts.roster)
    if (kinds(entry.kind)) found.push_back(entry.span);
  return clip(IntervalSet(std::move(found)), span);
}

// Duty hides on-call duty, and that absence, where entries overlap.
Panel roster_of(const pack::Rules& rules, const model::PersonFacts& facts, LocalDate monday) {
  const Interval span = span_of(*rules.zone_table, monday);
  const auto away_kind = [](RosterKind kind) { return kind == RosterKind::kLeave || kind == RosterKind::kSick; };
  IntervalSet duty = entries(facts, span, model::counts_as_duty);
  IntervalSet on_call = entries(facts, span, [](RosterKind kind) { return kind == RosterKind::kOnCall; });
  IntervalSet away = entries(facts, span, away_kind);
  Panel panel{{"Dienst", "Duty"}, {}};
  if (duty.empty() && on_call.empty() && away.empty()) {
    if (const pack::Pack* pack = core_hours_of(rules, facts)) {
      duty = clip(core_hours(*pack, monday), span);
      panel.title = {"Dienst (Kernzeit)", "Duty (core hours)"};
    }
  }
  on_call = subtract(on_call, duty);
  away = subtract(subtract(away, duty), on_call);
  add(panel.line, duty, Mark::kDuty);
  add(panel.line, on_call, Mark::kOnCall);
  add(panel.line, away, Mark::kAway);
  add(panel.line, subtract(subtract(complement(duty, span), on_call), away), Mark::kFree);
  std::ranges::sort(panel.line, {}, &Stretch::span);
  return panel;
}

Panel panel_of(const pack::RuleSet& rules, const model::PersonFacts& facts, model::MessageClass message_class,
               Interval span) {
  Panel panel{vocabulary::capital(vocabulary::messages(message_class)), {}};
  for (const model::Stretch& stretch : decide::timeline(rules, facts, message_class, span)) {
    const Mark mark = mark_of(stretch.effect);
    if (!panel.line.empty() && panel.line.back().mark == mark)
      panel.line.back().span.end = stretch.span.end;
    else
      panel.line.push_back({stretch.span, mark});
  }
  return panel;
}

Both packs_of(const pack::Rules& rules) {
  std::vector<Both> names;
  for (const pack::Pack& pack : rules.packs) names.push_back(vocabulary::same(pack.id));
  return vocabulary::list_and(names);
}

struct Hours {
  std::int32_t from = 0, to = 0;  // `to` at or before `from`: on the next date
};

void add_entry(model::PersonFacts& facts, const time::Zone& zone, LocalDate date, RosterKind kind, Hours hours) {
  const LocalDate last = hours.to <= hours.from ? date + 1 : date;
  facts.roster.push_back(
      {kind, {zone.first_reading(date, {hours.from * 3600}), zone.first_reading(last, {hours.to * 3600})}});
}

}  // namespace

Mark mark_of(model::Effect effect) {
  switch (effect) {
    case model::Effect::kDeliver: return Mark::kOpen;
    case model::Effect::kSilent: return Mark::kSilent;
    case model::Effect::kHold: break;
  }
  return Mark::kHeld;
}

Week week_of(const pack::RuleSet& rule_set, const model::PersonFacts& facts, LocalDate monday, const Both& who) {
  const pack::Rules& rules = rule_set.rules();
  Week week;
  week.title = {"Wann Nachrichten ankommen", "When messages arrive"};
  week.caption = say("{}. Woche vom {} bis zum {}. Regeln: {}.", "{}. Week from {} to {}. Rules: {}.", who,
                     vocabulary::date(monday), vocabulary::date(monday + 6), packs_of(rules));
  week.zone = rules.zone_table;
  week.first = monday;
  for (std::int64_t day = 0; day < 7; ++day) {
    const auto off = [&](const pack::Pack& pack) { return pack.holidays->contains(monday + day); };
    if (std::ranges::any_of(rules.packs, off)) week.holidays.push_back(monday + day);
  }
  week.panels.push_back(roster_of(rules, facts, monday));
  for (const model::MessageClass c : model::kMessageClasses)
    week.panels.push_back(panel_of(rule_set, facts, c, span_of(*rules.zone_table, monday)));
  return week;
}

base::Result<Shift> parse_shift(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"core", "early", "late", "night", "on-call"};
  const auto found = std::ranges::find(kNames, name);
  if (found != kNames.end()) return static_cast<Shift>(found - kNames.begin());
  return base::fail("shift.unknown", "shift '" + base::printable(name) + "'", "core, early, late, night, on-call");
}

Both words_of(Shift shift) {
  switch (shift) {
    case Shift::kCore: return {"Musterperson ohne Dienstplan", "Sample person without a roster"};
    case Shift::kEarly: return {"Musterperson im Frühdienst", "Sample person on early shift"};
    case Shift::kLate: return {"Musterperson im Spätdienst", "Sample person on late shift"};
    case Shift::kNight: return {"Musterperson im Nachtdienst", "Sample person on night shift"};
    case Shift::kOnCall: break;
  }
  return {"Musterperson mit Frühdienst und Rufbereitschaft", "Sample person on early shift and on call"};
}

std::vector<std::string> groups_of(const pack::RuleSet& rule_set) {
  std::vector<std::string> groups;
  const auto take = [&](const pack::Applies& applies) {
    if (!applies.everybody) groups.insert(groups.end(), applies.groups.begin(), applies.groups.end());
  };
  const pack::Rules& rules = rule_set.rules();
  for (const pack::RestRule& rule : rules.rests) take(rule.applies);
  for (const pack::ExceptionRule& rule : rules.exceptions) take(rule.applies);
  for (const pack::Pack& pack : rules.packs)
    if (pack.schedule) take(pack.schedule->applies);
  std::ranges::sort(groups);
  const auto again = std::ranges::unique(groups);
  groups.erase(again.begin(), again.end());
  return groups;
}

model::PersonFacts sample(const pack::RuleSet& rule_set, Shift shift, LocalDate monday) {
  model::PersonFacts facts;
  facts.person = "sample";
  facts.groups = groups_of(rule_set);
  if (shift == Shift::kCore) return facts;
  const time::Zone& zone = *rule_set.rules().zone_table;
  const Hours duty = shift == Shift::kLate ? Hours{14, 22} : shift == Shift::kNight ? Hours{22, 6} : Hours{6, 14};
  for (std::int64_t day = -7 * kSampleWeeks; day < 7 * (kSampleWeeks + 1); ++day) {
    const LocalDate date = monday + day;
    if (time::weekday_of(date) >= time::Weekday::kSaturday) continue;
    add_entry(facts, zone, date, RosterKind::kDuty, duty);
    if (shift == Shift::kOnCall) add_entry(facts, zone, date, RosterKind::kOnCall, {14, 6});
  }
  return facts;
}

LocalDate ordinary_week(const pack::RuleSet& rule_set) {
  constexpr std::int64_t kWeeksLooked = 4 * 53;
  const LocalDate first = time::date_of({2026, 6, 15});
  const pack::Rules& rules = rule_set.rules();
  const auto ordinary = [&](LocalDate monday) {
    const time::Zone& zone = *rules.zone_table;
    const Interval around{zone.first_reading(monday + -7, {}), zone.first_reading(monday + 14, {})};
    if (!zone.changes_in(around).empty()) return false;
    for (std::int64_t day = -7; day < 14; ++day)
      for (const pack::Pack& pack : rules.packs)
        if (pack.holidays->contains(monday + day)) return false;
    return true;
  };
  for (std::int64_t week = 0; week < kWeeksLooked; ++week)
    if (ordinary(first + 7 * week)) return first + 7 * week;
  return first;
}

}  // namespace policy::chart
