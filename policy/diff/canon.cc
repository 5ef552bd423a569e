#include "policy/diff/canon.h"

#include <algorithm>
#include <map>

namespace policy::diff {
namespace {

using pack::ExceptionRule;
using pack::RestRule;
using pack::Rules;

constexpr std::array<std::string_view, 8> kDayNames{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"};

std::string two_digits(std::int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }
std::string clock_of(time::LocalTime t) {
  return two_digits(t.second / 3600) + ":" + two_digits(t.second / 60 % 60) + ":" + two_digits(t.second % 60);
}

std::string joined(std::vector<std::string> parts, char with) {
  std::ranges::sort(parts);
  const auto repeated = std::ranges::unique(parts);
  parts.erase(repeated.begin(), repeated.end());
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string(1, with)) + part;
  return out;
}

std::string place_of(const pack::Pack& pack) {
  std::string out = " in " + (pack.zone ? pack.zone->name() : std::string("-")) + " but";
  for (const time::LocalDate date : pack.holidays->dates()) out += " " + std::to_string(date.days);
  return out;
}

std::string window_of(const time::Window& window, const pack::Pack& pack) {
  // On all eight kinds of day it does not matter which of them a date is.
  if (window.days.all()) return text_of(window) + " in " + pack.zone->name();
  return text_of(window) + place_of(pack);
}

std::string duties_of(const Rules& rules, const pack::DutyView& view, std::span<const std::string> groups) {
  std::string out = " gap " + base::format_duration(view.gap);
  if (!view.schedule_pack) return out;
  const pack::Pack& pack = rules.packs[*view.schedule_pack];
  if (!pack::applies_to(pack.schedule->applies, groups)) return out;
  std::vector<std::string> hours;
  for (const time::Window& window : pack.schedule->hours)
    for (std::size_t day = 0; day < 7; ++day)
      if (window.days[day]) hours.push_back(std::string(kDayNames[day]) + " " + hours_of(window));
  return out + " core " + joined(std::move(hours), ',') + place_of(pack);
}

std::string pierced_by(const Rules& rules, const ExceptionRule& exception) {
  const pack::Pack& pack = rules.packs[exception.head.pack];
  const std::string longest = " longest " + base::format_duration(exception.longest);
  switch (exception.when) {
    case pack::ExceptionWhen::kOnCall: return "on-call";
    case pack::ExceptionWhen::kWindow: return "window " + window_of(exception.window, pack);
    case pack::ExceptionWhen::kSelfOpen: return "self-open" + longest;
    case pack::ExceptionWhen::kOverride: break;
  }
  // Facts about overrides name the exception by its id, so here the id does matter.
  return "override " + exception.head.id + " " + exception.role + " for " + joined(exception.reasons, ',') + longest +
         " " + std::to_string(exception.per_week) + " a week in " + (pack.zone ? pack.zone->name() : "-");
}

// Closings without their effect. `days` apart, so that windows can be joined.
struct Closing {
  std::string before, after;
  std::optional<std::pair<time::DaySet, const pack::Pack*>> days;
};

Closing closing_of(const Rules& rules, const RestRule& rest, std::span<const std::string> groups, std::size_t c) {
  Closing out;
  out.before = std::string(name_of(rest.kind));
  const std::string duties = duties_of(rules, rules.duty_views[rest.duty_view], groups);
  const std::string grace = " grace " + base::format_duration(rest.terms.grace);
  const std::string lead = " lead " + base::format_duration(rest.terms.lead);
  if (rest.unset) {
    out.before = "always";
  } else {
    switch (rest.kind) {
      case pack::RestKind::kAfterDuty:
        out.before += " minimum " + base::format_duration(rest.terms.minimum) + " restart " +
                      text_of(rest.terms.restart) + grace + lead + duties;
        break;
      case pack::RestKind::kOffDuty: out.before += grace + lead + duties; break;
      case pack::RestKind::kWindow: out.days = {rest.window.days, &rules.packs[rest.head.pack]}; break;
      case pack::RestKind::kAbsence: break;
    }
    if (out.days) out.after += " " + hours_of(rest.window);
    if (rest.unless_duty) out.after += " unless duty" + duties;
    if (rest.unless_on_call) out.after += " unless on-call";
  }
  std::vector<std::string> pierced;
  const auto index = static_cast<std::size_t>(&rest - rules.rests.data());
  for (const ExceptionRule& exception : rules.exceptions) {
    const bool names_it = std::ranges::find(exception.pierces, index) != exception.pierces.end();
    if (names_it && exception.classes[c] && pack::applies_to(exception.applies, groups))
      pierced.push_back(pierced_by(rules, exception));
  }
  out.after += " pierced by [" + joined(std::move(pierced), ';') + "]";
  return out;
}

}  // namespace

std::string days_of(const time::DaySet& days) {
  std::string out;
  for (std::size_t day = 0; day < kDayNames.size(); ++day)
    if (days[day]) out += (out.empty() ? "" : ",") + std::string(kDayNames[day]);
  return out;
}

std::string hours_of(const time::Window& window) { return clock_of(window.from) + "-" + clock_of(window.to); }
std::string text_of(const time::Window& window) { return days_of(window.days) + " " + hours_of(window); }

std::string text_of(const pack::Applies& applies) { return applies.everybody ? "*" : joined(applies.groups, ','); }

std::string text_of(const time::Restart& restart) {
  switch (restart.when) {
    case time::Restart::When::kAlways: return "always";
    case time::Restart::When::kNever: return "never";
    case time::Restart::When::kLongerThan: break;
  }
  return "longer-than:" + base::format_duration(restart.threshold);
}

std::string canon_of(const Rules& rules, std::span<const std::string> groups, model::MessageClass message_class) {
  const std::size_t c = pack::index_of(message_class);
  // Windows alike in all but their days: one key, the days added up. The place is part of the key, since two places
  // have different holidays.
  std::map<std::tuple<std::string, std::string, std::string, model::Effect>, std::pair<time::DaySet, const pack::Pack*>>
      windows;
  std::map<std::string, model::Effect> strongest;
  const auto put = [&](const std::string& closing, model::Effect effect) {
    model::Effect& known = strongest[closing];
    known = std::max(known, effect);
  };
  for (const RestRule& rest : rules.rests) {
    const model::Effect effect = rest.effects[c];
    if (effect == model::Effect::kDeliver || !pack::applies_to(rest.applies, groups)) continue;
    const Closing closing = closing_of(rules, rest, groups, c);
    if (!closing.days) {
      put(closing.before + closing.after, effect);
      continue;
    }
    auto& days = windows[{closing.before, closing.after, place_of(*closing.days->second), effect}];
    days.first |= closing.days->first;
    days.second = closing.days->second;
  }
  for (const auto& [key, days] : windows) {
    const auto& [before, after, place, effect] = key;
    const std::string where = days.first.all() ? " in " + days.second->zone->name() : place;
    put(before + " " + days_of(days.first) + where + after, effect);
  }
  std::string out;
  for (const auto& [closing, effect] : strongest) out += std::string(name_of(effect)) + ": " + closing + "\n";
  return out;
}

}  // namespace policy::diff
