#include "policy/check/cover.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace policy::check {
namespace {

using pack::RestKind;
using pack::RestRule;
using time::LocalDate;

constexpr std::size_t kUnionMax = 64;  // windows looked at together; more than that only make the answer "no"
constexpr std::int64_t kDaySeconds = 86400;

bool is_for(const pack::Applies& applies, const std::string* group) {
  if (applies.everybody) return true;
  return group != nullptr && std::ranges::find(applies.groups, *group) != applies.groups.end();
}

// The covering one restarts whenever the covered one does.
bool restarts_as_often(const time::Restart& inner, const time::Restart& outer) {
  using When = time::Restart::When;
  if (inner.when == When::kNever || outer.when == When::kAlways) return true;
  return inner.when == When::kLongerThan && outer.when == When::kLongerThan && outer.threshold <= inner.threshold;
}

bool lasts_at_least(const time::RestTerms& inner, const time::RestTerms& outer) {
  return outer.grace <= inner.grace && outer.grace + outer.minimum >= inner.grace + inner.minimum &&
         outer.lead <= inner.lead && restarts_as_often(inner.restart, outer.restart);
}

// Weekday and, for each calendar, whether the date before, the date and the one after are holidays.
std::string constellation(LocalDate date, std::span<const time::Holidays* const> calendars) {
  std::string out(1, static_cast<char>('0' + static_cast<int>(time::weekday_of(date))));
  for (const time::Holidays* calendar : calendars) {
    char flags = '0';
    for (int day = -1; day <= 1; ++day)
      if (calendar->contains(date + day)) flags = static_cast<char>(flags + (1 << (day + 1)));
    out += flags;
  }
  return out;
}

struct LocalSpan {
  std::int64_t begin, end;  // seconds since midnight of the date in question
};

LocalSpan span_of(const time::Window& window, std::int64_t day) {
  const std::int64_t end_day = window.to <= window.from ? day + 1 : day;
  return {day * kDaySeconds + window.from.second, end_day * kDaySeconds + window.to.second};
}

bool inside(LocalSpan wanted, std::vector<LocalSpan> of) {
  std::ranges::sort(of, {}, &LocalSpan::begin);
  for (const LocalSpan& one : of) {
    if (one.begin > wanted.begin) return false;
    wanted.begin = std::max(wanted.begin, one.end);
    if (wanted.begin >= wanted.end) return true;
  }
  return false;
}

}  // namespace

Cover::Cover(const pack::Rules& rules) : rules_(rules) {
  std::vector<const time::Holidays*> calendars;
  std::set<LocalDate> candidates;
  for (const pack::Pack& pack : rules.packs) {
    if (std::ranges::find(calendars, pack.holidays.get()) != calendars.end()) continue;
    calendars.push_back(pack.holidays.get());
    for (const LocalDate holiday : pack.holidays->dates())
      for (int day = -1; day <= 1; ++day) candidates.insert(holiday + day);
  }
  // A week that no table reaches.
  std::set<std::string> seen;
  const LocalDate quiet = time::date_of({1990, 1, 8});
  for (int day = 0; day < 7; ++day) {
    dates_.push_back(quiet + day);
    seen.insert(constellation(quiet + day, calendars));
  }
  for (const LocalDate date : candidates)
    if (seen.insert(constellation(date, calendars)).second) dates_.push_back(date);
}

bool Cover::views_nest(const RestRule& inner, const RestRule& outer) const {
  const pack::DutyView &in = rules_.duty_views[inner.duty_view], &out = rules_.duty_views[outer.duty_view];
  return in.schedule_pack == out.schedule_pack && in.gap >= out.gap;
}

bool Cover::avoids_duties_of(const RestRule& inner, const RestRule& outer) const {
  const bool avoids = inner.unless_duty || inner.kind == RestKind::kOffDuty || inner.kind == RestKind::kAfterDuty;
  return avoids && views_nest(inner, outer);
}

bool Cover::open_on_call(const Asked& asked) const {
  if (asked.rest.unless_on_call) return true;
  for (std::size_t i = 0; i < rules_.exceptions.size(); ++i) {
    const pack::ExceptionRule& exception = rules_.exceptions[i];
    if (asked.absent.exceptions[i] || i == asked.not_pierced_by || exception.when != pack::ExceptionWhen::kOnCall)
      continue;
    if (exception.classes[asked.message_class] && is_for(exception.applies, asked.group) &&
        std::ranges::find(exception.pierces, asked.index) != exception.pierces.end())
      return true;
  }
  return false;
}

bool Cover::pierced_alike(const Asked& asked, std::size_t other) const {
  for (std::size_t i = 0; i < rules_.exceptions.size(); ++i) {
    const pack::ExceptionRule& exception = rules_.exceptions[i];
    if (asked.absent.exceptions[i] || !exception.classes[asked.message_class]) continue;
    const auto pierces = [&](std::size_t rest) {
      return std::ranges::find(exception.pierces, rest) != exception.pierces.end();
    };
    if (!pierces(other)) continue;
    if (i == asked.not_pierced_by) return false;
    if (pierces(asked.index)) continue;
    if (exception.when != pack::ExceptionWhen::kOnCall || !open_on_call(asked)) return false;
  }
  return true;
}

bool Cover::fit(const Asked& asked, std::size_t other) const {
  const RestRule& outer = rules_.rests[other];
  if (other == asked.index || asked.absent.rests[other] || outer.unset) return false;
  if (outer.effects[asked.message_class] < asked.at_least) return false;
  if (!is_for(outer.applies, asked.group)) return false;
  if (outer.unless_on_call && !open_on_call(asked)) return false;
  if (outer.unless_duty && !avoids_duties_of(asked.rest, outer)) return false;
  return pierced_alike(asked, other);
}

bool Cover::closes_at_least(const RestRule& inner, const RestRule& outer) const {
  if (outer.kind == RestKind::kAbsence) return inner.kind == RestKind::kAbsence;
  if (outer.kind == RestKind::kWindow || !views_nest(inner, outer)) return false;
  if (outer.kind == RestKind::kAfterDuty)
    return inner.kind == RestKind::kAfterDuty && lasts_at_least(inner.terms, outer.terms);
  const bool exact = outer.terms.grace == base::Seconds{} && outer.terms.lead == base::Seconds{};
  if (exact && avoids_duties_of(inner, outer)) return true;
  const bool about_duty = inner.kind == RestKind::kAfterDuty || inner.kind == RestKind::kOffDuty;
  return about_duty && outer.terms.grace <= inner.terms.grace && outer.terms.lead <= inner.terms.lead;
}

// `inner` null: all of time.
bool Cover::windows_cover(const RestRule* inner, std::span<const std::size_t> outer) const {
  const auto covered_on = [&](LocalDate date) {
    LocalSpan wanted{0, kDaySeconds};
    if (inner != nullptr) {
      if (!time::listed(inner->window.days, *rules_.packs[inner->head.pack].holidays, date)) return true;
      wanted = span_of(inner->window, 0);
    }
    std::vector<LocalSpan> spans;
    for (const std::size_t index : outer) {
      const RestRule& rule = rules_.rests[index];
      for (int day = -1; day <= 1; ++day)
        if (time::listed(rule.window.days, *rules_.packs[rule.head.pack].holidays, date + day))
          spans.push_back(span_of(rule.window, day));
    }
    return inside(wanted, std::move(spans));
  };
  return std::ranges::all_of(dates_, covered_on);
}

std::optional<std::vector<std::size_t>> Cover::covers_group(const Asked& asked) const {
  std::map<std::string, std::vector<std::size_t>> windows;  // by zone
  for (std::size_t i = 0; i < rules_.rests.size(); ++i) {
    if (!fit(asked, i)) continue;
    const RestRule& outer = rules_.rests[i];
    if (closes_at_least(asked.rest, outer)) return std::vector{i};
    if (outer.kind != RestKind::kWindow) continue;
    auto& of_zone = windows[rules_.packs[outer.head.pack].zone->name()];
    if (of_zone.size() < kUnionMax) of_zone.push_back(i);
  }
  for (auto& [zone, outer] : windows) {
    const bool comparable =
        asked.rest.kind == RestKind::kWindow && rules_.packs[asked.rest.head.pack].zone->name() == zone;
    const RestRule* inner = comparable ? &asked.rest : nullptr;
    if (!windows_cover(inner, outer)) continue;
    // Name only those that are needed.
    for (std::size_t i = outer.size(); i-- > 0;) {
      std::vector<std::size_t> fewer = outer;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (windows_cover(inner, fewer)) outer = std::move(fewer);
    }
    return outer;
  }
  return std::nullopt;
}

std::optional<std::vector<std::size_t>> Cover::covers_all(Asked asked) const {
  std::vector<const std::string*> groups{nullptr};
  if (!asked.rest.applies.everybody) {
    groups.clear();
    for (const std::string& group : asked.rest.applies.groups) groups.push_back(&group);
  }
  std::set<std::size_t> by;
  for (const std::string* group : groups) {
    asked.group = group;
    const auto found = covers_group(asked);
    if (!found) return std::nullopt;
    by.insert(found->begin(), found->end());
  }
  return std::vector(by.begin(), by.end());
}

std::optional<std::vector<std::size_t>> Cover::covers(std::size_t rest, std::size_t message_class, const Absent& absent,
                                                      std::optional<std::size_t> not_pierced_by) const {
  const RestRule& rule = rules_.rests[rest];
  return covers_all({rule, rest, message_class, nullptr, absent, not_pierced_by, rule.effects[message_class]});
}

bool Cover::hides(std::size_t rest, std::size_t message_class, model::Effect effect) const {
  const Absent none{std::vector<bool>(rules_.rests.size()), std::vector<bool>(rules_.exceptions.size())};
  if (effect == model::Effect::kHold || rules_.rests[rest].unset) return false;
  const auto stronger = static_cast<model::Effect>(static_cast<int>(effect) + 1);
  return covers_all({rules_.rests[rest], rest, message_class, nullptr, none, {}, stronger}).has_value();
}

}  // namespace policy::check
