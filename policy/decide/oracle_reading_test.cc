#include <algorithm>
#include <set>
#include <tuple>

#include "policy/decide/oracle.h"

namespace policy::decide::oracle {
namespace {

using model::RosterKind;

constexpr Second kDaySeconds = 86400;

// Days since 1970-01-01, by counting years and months.
Second day_number(int year, int month, int day) {
  Second days = 0;
  const auto leap = [](int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
  for (int y = 1970; y < year; ++y) days += leap(y) ? 366 : 365;
  const std::array<int, 12> lengths{31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int m = 1; m < month; ++m) days += lengths[static_cast<std::size_t>(m - 1)];
  return days + day - 1;
}

// 0 Monday … 6 Sunday.
int weekday(Second day) { return static_cast<int>((day + 3) % 7); }

// Directive 2000/84/EC: from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October.
Second change(int year, int month) {
  Second day = day_number(year, month, 31);
  while (weekday(day) != 6) --day;
  return day * kDaySeconds + 3600;
}

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

bool in_groups(const Rule& rule, const std::vector<std::string>& groups) {
  if (rule.groups.empty()) return true;
  for (const auto& group : groups)
    if (std::ranges::find(rule.groups, group) != rule.groups.end()) return true;
  return false;
}

}  // namespace

Reading::Reading(const World& world) : world_(world) {
  for (const Rule& rule : world.rules)
    if (in_groups(rule, world.facts.groups)) own_.push_back(&rule);
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

bool Reading::closed(const Rule& rule, Second t) const {
  if (rule.unless_duty && on_duty(t, 0, 0)) return false;
  if (rule.unless_on_call && in_entry(t, {RosterKind::kOnCall})) return false;
  if (rule.kind == "after-duty") return in_rest(rule, t);
  if (rule.kind == "off-duty") return !on_duty(t, rule.lead, rule.grace);
  if (rule.kind == "window") return in_window(rule, t);
  return in_entry(t, {RosterKind::kLeave, RosterKind::kSick});
}

Answer Reading::at(Second t, std::size_t message_class) const {
  const bool on_call = in_entry(t, {RosterKind::kOnCall});
  std::vector<const Rule*> in_force;
  int strongest = 0;
  for (const Rule* rule : own_) {
    if (rule->effects[message_class] < std::max(strongest, 1)) continue;  // could neither win nor be named
    bool removed = false;
    for (const Exception& exception : world_.exceptions)
      removed |= on_call && exception.classes[message_class] &&
                 std::ranges::find(exception.pierces, rule->id) != exception.pierces.end();
    if (removed || !closed(*rule, t)) continue;
    in_force.push_back(rule);
    strongest = std::max(strongest, rule->effects[message_class]);
  }
  Answer answer{static_cast<model::Effect>(strongest), {}};
  for (const Rule* rule : in_force)
    if (rule->effects[message_class] == strongest) answer.rules.push_back(rule->id);
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

// ---- random worlds ------------------------------------------------------------------------------------------------

namespace {

class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}
  Second between(Second low, Second high) { return std::uniform_int_distribution<Second>(low, high)(random_); }
  bool one_in(int n) { return between(1, n) == 1; }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + between(0, static_cast<Second>(from.size()) - 1));
  }

 private:
  std::mt19937_64& random_;
};

Rule random_rule(Dice& dice, std::size_t number) {
  Rule rule;
  rule.id = "rest." + std::string(1, static_cast<char>('a' + dice.between(0, 25))) + std::to_string(number);
  rule.layer = static_cast<int>(dice.between(0, 3));
  rule.kind = dice.pick<std::string>({"after-duty", "off-duty", "window", "window", "absence"});
  rule.minimum = dice.between(1, 40) * 1800;
  rule.grace = dice.one_in(2) ? 0 : dice.between(0, 40) * 300;
  rule.lead = dice.one_in(2) ? 0 : dice.between(0, 20) * 300;
  rule.restart = dice.pick<std::string>({"always", "never", "longer-than"});
  rule.threshold = dice.between(0, 6) * 300;
  for (std::size_t i = 0; i < 7; ++i) rule.days[i] = !dice.one_in(3);
  rule.days[0] = true;
  rule.days[7] = dice.one_in(2);
  // Often near the hours of the clock changes.
  const auto clock = [&] { return dice.one_in(3) ? dice.between(12, 42) * 300 : dice.between(0, 287) * 300; };
  rule.from = clock();
  rule.to = dice.one_in(8) ? rule.from : clock();
  rule.unless_duty = dice.one_in(3);
  rule.unless_on_call = dice.one_in(4);
  for (int& effect : rule.effects) effect = static_cast<int>(dice.one_in(2) ? 2 : dice.between(0, 2));
  if (dice.one_in(5)) rule.groups = {dice.pick<std::string>({"wache", "stab"})};
  return rule;
}

void random_roster(Dice& dice, World& world) {
  const bool odd = dice.one_in(2);
  const auto instant = [&](Second t) { return base::Instant{odd ? t + dice.between(0, 299) : t}; };
  Second t = world.around - dice.between(2, 12) * kDaySeconds;
  for (Second n = dice.one_in(6) ? 0 : dice.between(1, 25); n > 0; --n) {
    t += dice.one_in(4) ? dice.between(0, 14) * 300 : dice.between(0, 200) * 300;
    if (dice.one_in(8)) t += 7 * kDaySeconds;
    if (dice.one_in(6) && !world.facts.roster.empty()) t = world.facts.roster.back().span.end.unix_s + world.duty_gap;
    const auto kind =
        dice.pick<RosterKind>({RosterKind::kDuty, RosterKind::kDuty, RosterKind::kStandby, RosterKind::kOnCall,
                               RosterKind::kOnCall, RosterKind::kLeave, RosterKind::kSick, RosterKind::kTraining});
    const Second length = dice.between(1, dice.one_in(4) ? 500 : 150) * 300;
    world.facts.roster.push_back({kind, {instant(t), base::Instant{t + length + 300}}});
    if (!dice.one_in(5)) t += length;  // else the next one overlaps
  }
  std::ranges::sort(world.facts.roster, {}, [](const auto& entry) { return entry.span.begin; });
  for (Second n = dice.between(0, 6); n > 0; --n) {
    const Second begin = world.around + dice.between(-2000, 2000) * 300;
    const base::Instant at = instant(begin);
    world.facts.interruptions.push_back({{at, at + base::Seconds{dice.between(0, 12) * 300}}});
  }
  std::ranges::sort(world.facts.interruptions, {}, [](const auto& entry) { return entry.span.begin; });
}

}  // namespace

World random_world(std::mt19937_64& random) {
  Dice dice(random);
  World world;
  const Second around =
      dice.pick<Second>({change(2026, 3), change(2026, 10), change(2027, 3), change(2025, 10),
                         day_number(2026, 5, 14) * kDaySeconds, day_number(2026, 12, 26) * kDaySeconds});
  world.around = around + dice.between(-3, 3) * 3600 * 7;
  world.facts.person = "p1";
  if (dice.one_in(2)) world.facts.groups = {"wache"};
  const auto rules = static_cast<std::size_t>(dice.between(1, 6));
  for (std::size_t i = 0; i < rules; ++i) world.rules.push_back(random_rule(dice, i));
  for (Second n = dice.between(0, 2); n > 0; --n) {
    Exception exception;
    exception.layer = static_cast<int>(dice.between(0, 3));
    for (const Rule& rule : world.rules)
      if (rule.layer >= exception.layer && dice.one_in(2)) exception.pierces.push_back(rule.id);
    for (bool& c : exception.classes) c = dice.one_in(2);
    exception.classes[3] = true;
    if (!exception.pierces.empty()) world.exceptions.push_back(exception);
  }
  if (dice.one_in(3)) {
    world.schedule.emplace();
    for (std::size_t i = 0; i < 5; ++i) world.schedule->days[i] = i == 0 || !dice.one_in(4);
    world.schedule->days[6] = dice.one_in(3);
    world.schedule->from = dice.one_in(4) ? 9000 : dice.between(60, 120) * 300;  // 02:30 meets the clock changes
    world.schedule->to = world.schedule->from + dice.between(12, 110) * 300;
  }
  world.duty_gap = dice.pick<Second>({0, 1800, 3600, 3600, 7200});
  random_roster(dice, world);
  return world;
}

namespace {

std::string duration(Second s) { return std::to_string(s / 60) + "m"; }

std::string clock_text(Second s) {
  const auto two = [](Second n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(s / 3600) + ":" + two(s / 60 % 60) + ":00";
}

template <std::size_t N>
std::string list(const std::array<bool, N>& chosen, const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < N; ++i)
    if (chosen[i]) out += (out.empty() ? "\"" : ", \"") + names[i] + "\"";
  return "[" + out + "]";
}

const std::vector<std::string> kDayNames{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"};
const std::vector<std::string> kClassNames{"routine", "shift-notice", "urgent", "alarm"};
const std::vector<std::string> kEffectNames{"deliver", "silent", "hold"};
const std::vector<std::string> kLayerNames{"law", "agreement", "unit", "personal"};

std::string toml_of(const Rule& rule) {
  std::string out = "[[rest]]\nid = \"" + rule.id + "\"\nkind = \"" + rule.kind + "\"\n";
  if (rule.kind == "after-duty") {
    out += "minimum = \"" + duration(rule.minimum) + "\"\nrestart = \"" + rule.restart +
           (rule.restart == "longer-than" ? ":" + duration(rule.threshold) : "") + "\"\n";
  }
  if (rule.kind == "after-duty" || rule.kind == "off-duty")
    out += "grace = \"" + duration(rule.grace) + "\"\nlead = \"" + duration(rule.lead) + "\"\n";
  if (rule.kind == "window") {
    out += "days = " + list(rule.days, kDayNames) + "\nfrom = " + clock_text(rule.from) +
           "\nto = " + clock_text(rule.to) + "\n";
  }
  if (rule.unless_duty || rule.unless_on_call)
    out += "unless = " + list(std::array{rule.unless_duty, rule.unless_on_call}, {"duty", "on-call"}) + "\n";
  out += "effect = { ";
  for (std::size_t c = 0; c < 4; ++c)
    out += (c == 0 ? "" : ", ") + kClassNames[c] + " = \"" + kEffectNames[static_cast<std::size_t>(rule.effects[c])] +
           "\"";
  out += " }\n";
  if (!rule.groups.empty()) out += "applies = { groups = [\"" + rule.groups[0] + "\"] }\n";
  return out;
}

}  // namespace

std::vector<std::string> packs_of(const World& world) {
  std::vector<std::string> packs;
  for (int layer = 0; layer < 4; ++layer) {
    std::string out = "[pack]\nid = \"pack" + std::to_string(layer) + "\"\nlayer = \"" +
                      kLayerNames[static_cast<std::size_t>(layer)] +
                      "\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\nduty_gap = \"" +
                      duration(world.duty_gap) + "\"\n";
    // The schedule stands in the weakest layer and counts for all.
    if (world.schedule && layer == 3) {
      out += "[schedule]\ndays = " + list(world.schedule->days, kDayNames) +
             "\nfrom = " + clock_text(world.schedule->from) + "\nto = " + clock_text(world.schedule->to) + "\n";
    }
    for (const Rule& rule : world.rules)
      if (rule.layer == layer) out += toml_of(rule);
    for (std::size_t i = 0; i < world.exceptions.size(); ++i) {
      const Exception& exception = world.exceptions[i];
      if (exception.layer != layer) continue;
      out += "[[exception]]\nid = \"exception." + std::to_string(i) + "\"\nwhen = \"on-call\"\npierces = [";
      for (const auto& id : exception.pierces) out += "\"" + id + "\", ";
      out += "]\nclasses = " + list(exception.classes, kClassNames) + "\n";
    }
    packs.push_back(std::move(out));
  }
  return packs;
}

}  // namespace policy::decide::oracle
