#include <algorithm>
#include <set>
#include <tuple>

#include "policy/decide/oracle.h"

namespace policy::decide::oracle {
using model::RosterKind;

Second day_number(int year, int month, int day) {
  Second days = 0;
  const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
  for (int y = 1970; y < year; ++y) days += leap(y) ? 366 : 365;
  const std::array<int, 12> lengths{31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int m = 1; m < month; ++m) days += lengths[static_cast<std::size_t>(m - 1)];
  return days + day - 1;
}

namespace {

// 0 Monday … 6 Sunday.
int weekday(Second day) { return static_cast<int>((day + 3) % 7); }

}  // namespace

Second change(int year, int month) {
  Second day = day_number(year, month, 31);
  while (weekday(day) != 6) --day;
  return day * kDaySeconds + 3600;
}

namespace {

struct Summer {
  Second begin, end;
};

const std::vector<Summer>& summers() {
  static const std::vector<Summer> kAll = [] {
    std::vector<Summer> all;
    for (int year = 2024; year <= 2029; ++year) all.push_back({change(year, 3), change(year, 10)});
    return all;
  }();
  return kAll;
}

Second offset(Second t) {
  for (const Summer& summer : summers())
    if (t >= summer.begin && t < summer.end) return 7200;
  return 3600;
}

// When the clock of Berlin shows `clock` on `day`: first and last instant.
std::pair<Second, Second> readings(Second day, Second clock) {
  const Second local = day * kDaySeconds + clock;
  const bool in_summer = offset(local - 7200) == 7200, in_winter = offset(local - 3600) == 3600;
  if (in_summer || in_winter) return {in_summer ? local - 7200 : local - 3600, in_winter ? local - 3600 : local - 7200};
  for (const Summer& summer : summers())
    if (std::abs(summer.begin - local) < 2 * kDaySeconds) return {summer.begin, summer.begin};
  std::abort();
}

bool holiday(Second day) {
  static const std::set<Second> kDays = [] {
    std::set<Second> days;
    for (const int year : {2025, 2026, 2027, 2028})
      for (const auto& [month, d] : {std::pair{1, 1}, {5, 1}, {10, 3}, {10, 31}, {12, 25}, {12, 26}})
        days.insert(day_number(year, month, d));
    // Good Friday, Easter Monday, Ascension, Whit Monday.
    for (const auto& [year, month, d] : {std::tuple{2025, 4, 18},
                                         {2025, 4, 21},
                                         {2025, 5, 29},
                                         {2025, 6, 9},
                                         {2026, 4, 3},
                                         {2026, 4, 6},
                                         {2026, 5, 14},
                                         {2026, 5, 25},
                                         {2027, 3, 26},
                                         {2027, 3, 29},
                                         {2027, 5, 6},
                                         {2027, 5, 17}})
      days.insert(day_number(year, month, d));
    return days;
  }();
  return kDays.contains(day);
}

bool in_groups(const std::vector<std::string>& wanted, const std::vector<std::string>& groups) {
  if (wanted.empty()) return true;
  for (const auto& group : groups)
    if (std::ranges::find(wanted, group) != wanted.end()) return true;
  return false;
}

// The Monday, in Berlin, of the calendar week in which `t` lies.
Second monday_before(Second t) {
  Second day = t / kDaySeconds + 2;
  while (readings(day, 0).first > t) --day;
  return day - weekday(day);
}

}  // namespace

Reading::Reading(const World& world) : world_(world) {
  for (const Rule& rule : world.rules)
    if (in_groups(rule.groups, world.facts.groups)) own_.push_back(&rule);
  std::ranges::sort(own_, {}, [](const Rule* rule) { return std::tie(rule->layer, rule->id); });
  std::vector<Span> spans;
  for (const auto& entry : world.facts.roster)
    if (entry.kind == RosterKind::kDuty || entry.kind == RosterKind::kStandby || entry.kind == RosterKind::kTraining)
      spans.push_back({entry.span.begin.unix_s, entry.span.end.unix_s});
  if (world.schedule) {
    const Second monday = world.around / kDaySeconds - weekday(world.around / kDaySeconds);
    for (Second week = monday - 140; week <= monday + 140; week += 7) {
      const Second begin = readings(week, 0).first, end = readings(week + 7, 0).first;
      bool rostered = false;
      for (const auto& entry : world.facts.roster)
        rostered |= entry.span.begin.unix_s < end && entry.span.end.unix_s > begin;
      for (Second day = week; !rostered && day < week + 7; ++day)
        if (world.schedule->days[static_cast<std::size_t>(weekday(day))] && !holiday(day))
          spans.push_back({readings(day, world.schedule->from).second, readings(day, world.schedule->to).first});
    }
  }
  merge_all(spans);
}

// Joins any two that are near enough until nothing changes.
void Reading::merge_all(std::vector<Span> spans) {
  for (bool joined = true; joined;) {
    joined = false;
    for (std::size_t i = 0; i < spans.size() && !joined; ++i) {
      for (std::size_t j = 0; j < spans.size() && !joined; ++j) {
        const Second apart = spans[j].begin - spans[i].end;
        const bool near = apart <= 0 || apart < world_.duty_gap;
        if (i == j || spans[j].begin < spans[i].begin || !near) continue;
        spans[i].end = std::max(spans[i].end, spans[j].end);
        spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(j));
        joined = true;
      }
    }
  }
  std::ranges::sort(spans, {}, &Span::begin);
  duties_ = std::move(spans);
}

bool Reading::on_duty(Second t, Second before, Second after) const {
  return std::ranges::any_of(duties_, [&](const Span& d) { return d.begin - before <= t && t < d.end + after; });
}

bool Reading::in_entry(Second t, const std::vector<RosterKind>& kinds) const {
  return std::ranges::any_of(world_.facts.roster, [&](const auto& entry) {
    return std::ranges::find(kinds, entry.kind) != kinds.end() && entry.span.begin.unix_s <= t &&
           t < entry.span.end.unix_s;
  });
}

bool Reading::in_rest(const Rule& rule, Second t) const {
  for (std::size_t i = 0; i < duties_.size(); ++i) {
    const Second begin = duties_[i].end + rule.grace;
    if (begin > t) continue;
    const Second latest =
        i + 1 < duties_.size() ? duties_[i + 1].begin - rule.lead : std::numeric_limits<Second>::max();
    Second end = std::min(begin + rule.minimum, latest);
    for (const auto& interruption : world_.facts.interruptions) {
      const Second at = interruption.span.begin.unix_s;
      const Second length = interruption.span.end.unix_s - at;
      if (at < begin || at >= end || rule.restart == "never") continue;
      if (rule.restart == "longer-than" && length <= rule.threshold) continue;
      end = std::max(end, std::min(at + rule.minimum, latest));
    }
    if (t < end) return true;
  }
  return false;
}

bool Reading::in_window(const Rule& rule, Second t) const {
  const Second today = t / kDaySeconds;
  for (Second day = today - 3; day <= today + 2; ++day) {
    const std::size_t listed = holiday(day) ? 7 : static_cast<std::size_t>(weekday(day));
    if (!rule.days[listed]) continue;
    const Second end_day = rule.to <= rule.from ? day + 1 : day;
    if (readings(day, rule.from).first <= t && t < readings(end_day, rule.to).second) return true;
  }
  return false;
}

// Opened at one of the first `per_week` overrides of its week that name the exception, its role and a reason of its.
bool Reading::overridden(const Exception& exception, Second t) const {
  for (const auto& one : world_.facts.overrides) {
    const auto admitted = [&](const model::Override& o) {
      return o.rule == exception.id && o.role == exception.role &&
             std::ranges::find(exception.reasons, o.reason) != exception.reasons.end();
    };
    const Second begin = one.span.begin.unix_s, end = one.span.end.unix_s;
    if (!admitted(one) || t < begin || t >= end || t >= begin + exception.longest) continue;
    int before = 0;
    for (const auto& other : world_.facts.overrides) {
      const Second other_begin = other.span.begin.unix_s;
      if (!admitted(other) || monday_before(other_begin) != monday_before(begin)) continue;
      if (other_begin < begin || (other_begin == begin && other.span.end.unix_s < end)) ++before;
    }
    if (before < exception.per_week) return true;
  }
  return false;
}

bool Reading::in_force(const Exception& exception, Second t) const {
  if (!in_groups(exception.groups, world_.facts.groups)) return false;
  if (exception.when == "on-call") return in_entry(t, {RosterKind::kOnCall});
  if (exception.when == "override") return overridden(exception, t);
  if (exception.when == "self-open") {
    return std::ranges::any_of(world_.facts.self_openings, [&](const auto& opening) {
      const Second begin = opening.span.begin.unix_s;
      return begin <= t && t < opening.span.end.unix_s && t < begin + exception.longest;
    });
  }
  // A window that opens is read the other way round than one that closes.
  const Second today = t / kDaySeconds;
  for (Second day = today - 3; day <= today + 2; ++day) {
    if (!exception.days[holiday(day) ? 7 : static_cast<std::size_t>(weekday(day))]) continue;
    const Second end_day = exception.to <= exception.from ? day + 1 : day;
    if (readings(day, exception.from).second <= t && t < readings(end_day, exception.to).first) return true;
  }
  return false;
}

bool Reading::closed(const Rule& rule, Second t) const {
  if (rule.unset) return true;
  if (rule.unless_duty && on_duty(t, 0, 0)) return false;
  if (rule.unless_on_call && in_entry(t, {RosterKind::kOnCall})) return false;
  if (rule.kind == "after-duty") return in_rest(rule, t);
  if (rule.kind == "off-duty") return !on_duty(t, rule.lead, rule.grace);
  if (rule.kind == "window") return in_window(rule, t);
  return in_entry(t, {RosterKind::kLeave, RosterKind::kSick});
}

Answer Reading::at(Second t, std::size_t message_class) const {
  std::vector<const Rule*> in_force_now;
  std::vector<int> effects;
  int strongest = 0;
  for (const Rule* rule : own_) {
    int effect = rule->effects[message_class];
    if (rule->unset && effect > 0) effect = 2;
    if (effect < std::max(strongest, 1)) continue;  // could neither win nor be named
    bool removed = false;
    for (const Exception& exception : world_.exceptions)
      removed |= exception.classes[message_class] &&
                 std::ranges::find(exception.pierces, rule->id) != exception.pierces.end() && in_force(exception, t);
    if (removed || !closed(*rule, t)) continue;
    in_force_now.push_back(rule);
    effects.push_back(effect);
    strongest = std::max(strongest, effect);
  }
  Answer answer{static_cast<model::Effect>(strongest), {}};
  for (std::size_t i = 0; i < effects.size(); ++i)
    if (effects[i] == strongest) answer.rules.push_back(in_force_now[i]->id);
  return answer;
}

std::vector<Second> Reading::candidates(Second begin, Second end) const {
  std::set<Second> found{begin};
  const auto add = [&](Second t) {
    if (begin <= t && t < end) found.insert(t);
  };
  // Windows and core hours lie on five minutes; the facts need not.
  for (Second t = begin - begin % 300; t < end; t += 300) add(t);
  for (const auto& entry : world_.facts.roster) {
    add(entry.span.begin.unix_s);
    add(entry.span.end.unix_s);
  }
  for (const auto& one : world_.facts.overrides) {
    add(one.span.begin.unix_s);
    add(one.span.end.unix_s);
    for (const Exception& exception : world_.exceptions) add(one.span.begin.unix_s + exception.longest);
  }
  for (const auto& one : world_.facts.self_openings) {
    add(one.span.begin.unix_s);
    add(one.span.end.unix_s);
    for (const Exception& exception : world_.exceptions) add(one.span.begin.unix_s + exception.longest);
  }
  for (const Rule& rule : world_.rules) {
    for (const Span& duty : duties_) {
      for (const Second t :
           {duty.begin, duty.end, duty.begin - rule.lead, duty.end + rule.grace, duty.end + rule.grace + rule.minimum})
        add(t);
    }
    for (const auto& interruption : world_.facts.interruptions) add(interruption.span.begin.unix_s + rule.minimum);
  }
  return {found.begin(), found.end()};
}

}  // namespace policy::decide::oracle
