#include "policy/diff/said.h"

#include <algorithm>
#include <limits>

#include "policy/diff/canon.h"

namespace policy::diff {
namespace {

using base::Seconds;
using pack::ClassSet;

Said text(std::string name, std::string value, Sense sense = Sense::kUnclear) {
  return {std::move(name), std::move(value), sense, 0, {}};
}
Said count(std::string name, std::int64_t value, Sense sense) {
  return {std::move(name), std::to_string(value), sense, value, {}};
}
Said length(std::string name, Seconds value, Sense sense) {
  return {std::move(name), base::format_duration(value), sense, value.count, {}};
}
Said length(std::string name, const std::optional<Seconds>& value, Sense sense) {
  return value ? length(std::move(name), *value, sense) : text(std::move(name), "", sense);
}
Said members(std::string name, const std::vector<std::string>& values, Sense sense) {
  Said out{std::move(name), {}, sense, 0, {values.begin(), values.end()}};
  for (const std::string& value : out.members) out.text += (out.text.empty() ? "" : ",") + value;
  return out;
}
// 0 and 1, so that "true" is the larger one.
Said flag(std::string name, bool value, Sense sense) {
  return {std::move(name), value ? "true" : "false", sense, value ? 1 : 0, {}};
}

Said classes(const ClassSet& set, Sense sense) {
  std::vector<std::string> names;
  for (const model::MessageClass c : model::kMessageClasses)
    if (set[pack::index_of(c)]) names.emplace_back(name_of(c));
  return members("classes", names, sense);
}

Said days(const time::DaySet& set, Sense sense) {
  std::vector<std::string> names;
  for (std::size_t day = 0; day < set.size(); ++day)
    if (set[day]) names.push_back(days_of(time::DaySet(1ULL << day)));
  Said out = members("days", names, sense);
  out.text = days_of(set);  // in the order of the week
  return out;
}

Said applies(const pack::Applies& applies, Sense sense) {
  Said out = members("applies", applies.groups, sense);
  if (applies.everybody) out.text = "*";
  return out;
}

std::vector<Said> head_of(const pack::RuleHead& head) {
  return {text("cite", head.cite, Sense::kWording), text("title/de", head.title.de, Sense::kWording),
          text("title/en", head.title.en, Sense::kWording)};
}

// An interruption that restarts a rest protects; the shorter it may be, the more.
Said restart(const time::Restart& restart) {
  Said out = text("restart", text_of(restart), Sense::kMore);
  if (restart.when == time::Restart::When::kNever) out.number = std::numeric_limits<std::int64_t>::min();
  if (restart.when == time::Restart::When::kLongerThan) out.number = -1 - restart.threshold.count;
  return out;
}

Entry entry_of(const pack::RestRule& rest) {
  Entry out{"rest", rest.head.id, Direction::kMore, head_of(rest.head)};
  auto& said = out.said;
  said.push_back(text("layer", std::string(name_of(rest.head.layer))));
  said.push_back(text("kind", std::string(name_of(rest.kind))));
  if (rest.unset) said.push_back(text("unset", "true"));
  if (rest.kind == pack::RestKind::kAfterDuty) {
    said.push_back(length("minimum", rest.terms.minimum, Sense::kMore));
    said.push_back(restart(rest.terms.restart));
  }
  if (rest.kind == pack::RestKind::kAfterDuty || rest.kind == pack::RestKind::kOffDuty) {
    // After duty a later begin is also a later end.
    const bool after_duty = rest.kind == pack::RestKind::kAfterDuty;
    said.push_back(length("grace", rest.terms.grace, after_duty ? Sense::kUnclear : Sense::kLess));
    said.push_back(length("lead", rest.terms.lead, Sense::kLess));
  }
  if (rest.kind == pack::RestKind::kWindow) {
    said.push_back(days(rest.window.days, Sense::kMembersMore));
    said.push_back(text("hours", hours_of(rest.window)));
  }
  std::vector<std::string> unless;
  if (rest.unless_duty) unless.emplace_back("duty");
  if (rest.unless_on_call) unless.emplace_back("on-call");
  said.push_back(members("unless", unless, Sense::kMembersLess));
  for (const model::MessageClass c : model::kMessageClasses) {
    const model::Effect effect = rest.effects[pack::index_of(c)];
    said.push_back({"effect/" + std::string(name_of(c)),
                    std::string(name_of(effect)),
                    Sense::kMore,
                    static_cast<std::int64_t>(effect),
                    {}});
  }
  said.push_back(applies(rest.applies, Sense::kMembersMore));
  return out;
}

Entry entry_of(const pack::Rules& rules, const pack::ExceptionRule& exception) {
  Entry out{"exception", exception.head.id, Direction::kLess, head_of(exception.head)};
  auto& said = out.said;
  said.push_back(text("when", std::string(name_of(exception.when))));
  std::vector<std::string> pierces;
  for (const std::size_t rest : exception.pierces) pierces.push_back(rules.rests[rest].head.id);
  said.push_back(members("pierces", pierces, Sense::kMembersLess));
  said.push_back(classes(exception.classes, Sense::kMembersLess));
  said.push_back(applies(exception.applies, Sense::kMembersLess));
  if (exception.when == pack::ExceptionWhen::kWindow) {
    said.push_back(days(exception.window.days, Sense::kMembersLess));
    said.push_back(text("hours", hours_of(exception.window)));
  }
  if (exception.when == pack::ExceptionWhen::kOverride) {
    said.push_back(text("role", exception.role));
    said.push_back(members("reasons", exception.reasons, Sense::kMembersLess));
    said.push_back(count("per_week", exception.per_week, Sense::kLess));
  }
  const bool lasts =
      exception.when == pack::ExceptionWhen::kOverride || exception.when == pack::ExceptionWhen::kSelfOpen;
  if (lasts) said.push_back(length("longest", exception.longest, Sense::kLess));
  return out;
}

Entry entry_of(const pack::Pack& pack) {
  return {
      "pack",
      pack.id,
      Direction::kNone,
      {text("version", std::to_string(pack.version), Sense::kWording), text("title/de", pack.title.de, Sense::kWording),
       text("title/en", pack.title.en, Sense::kWording), text("zone", pack.zone ? pack.zone->name() : ""),
       text("holidays", pack.holidays_name), length("duty_gap", pack.duty_gap, Sense::kUnclear)}};
}

Entry schedule_of(const pack::Pack& pack) {
  std::vector<std::string> hours;
  for (const time::Window& window : pack.schedule->hours) hours.push_back(text_of(window));
  return {"schedule",
          pack.id,
          Direction::kBoth,
          {members("hours", hours, Sense::kUnclear), applies(pack.schedule->applies, Sense::kUnclear)}};
}

Entry devices_of(const pack::DeviceRules& devices) {
  return {"devices",
          "devices",
          Direction::kMore,
          {count("max", devices.devices_max, Sense::kLess),
           flag("private/consent", devices.private_needs_consent, Sense::kMore)}};
}

Entry sessions_of(const pack::SessionRules& sessions) {
  return {
      "sessions",
      "sessions",
      Direction::kMore,
      {length("lifetime", sessions.lifetime, Sense::kLess), length("idle", sessions.idle, Sense::kLess),
       length("step_up", sessions.step_up, Sense::kLess), count("factors", sessions.factors, Sense::kMore),
       count("failures", sessions.failures_max, Sense::kLess), length("lock_for", sessions.lock_for, Sense::kMore)}};
}

Entry retention_of(const pack::RuleSet& set, model::MessageClass c) {
  const pack::RetentionRules r = retention_rules(set, c);
  return {"retention",
          std::string(name_of(c)),
          Direction::kMore,
          {length("period", r.period, Sense::kLess), length("ceiling", r.ceiling, Sense::kLess),
           length("floor", r.floor, Sense::kLess), flag("clock/readable", r.from_readable, Sense::kUnclear)}};
}

Entry entry_of(const pack::AlarmRule& alarm) {
  Entry entry{"alarm", alarm.head.id, Direction::kMore, head_of(alarm.head)};
  entry.said.push_back(classes(alarm.classes, Sense::kMembersMore));
  entry.said.push_back(members("senders", alarm.senders, Sense::kMembersLess));
  // No list at all is the longest one: no reason is asked for.
  entry.said.push_back(members("reasons", alarm.reasons, Sense::kMembersLess));
  if (alarm.reasons.empty()) entry.said.back().text = "*";
  if (alarm.limit_count) entry.said.push_back(count("limit/count", *alarm.limit_count, Sense::kLess));
  if (alarm.limit_per) entry.said.push_back(length("limit/per", *alarm.limit_per, Sense::kMore));
  return entry;
}

Entry labels_of(const pack::ContentRules& content) {
  Entry entry{"content", "labels", Direction::kMore, {members("labels", content.labels, Sense::kMembersLess)}};
  if (content.labels.empty()) entry.said.back().text = "*";
  return entry;
}

Entry entry_of(const pack::ContentMarker& marker) {
  Entry entry{"content", marker.head.id, Direction::kMore, head_of(marker.head)};
  entry.said.push_back(text("pattern", marker.pattern));
  entry.said.push_back(members("unless", marker.unless, Sense::kMembersLess));
  entry.said.push_back({"action", marker.warns ? "warn" : "stop", Sense::kMore, marker.warns ? 0 : 1, {}});
  return entry;
}

Entry push_of(const pack::PushRules& push) {
  const bool nothing = push.payload == pack::PushPayload::kNothing;
  return {"push",
          "push",
          Direction::kMore,
          {{"payload", nothing ? "nothing" : "class", Sense::kMore, nothing ? 1 : 0, {}},
           length("jitter", push.jitter, Sense::kMore),
           classes(push.classes, Sense::kMembersLess)}};
}

Entry entry_of(const pack::ClaimRule& claim) {
  Entry entry{"claim", claim.head.id, Direction::kMore, head_of(claim.head)};
  entry.said.push_back(text("kind", std::string(name_of(claim.kind))));
  entry.said.push_back(length("minimum", claim.minimum, Sense::kMore));
  entry.said.push_back(text("restart", text_of(claim.restart)));
  entry.said.push_back(text("during", std::string(name_of(claim.during))));
  entry.said.push_back(text("than", claim.than));
  entry.said.push_back(classes(claim.classes, Sense::kMembersMore));
  entry.said.push_back(applies(claim.applies, Sense::kMembersMore));
  return entry;
}

Entry entry_of(const pack::Parameter& parameter) {
  Entry entry{"parameter", parameter.head.id, Direction::kNone, head_of(parameter.head)};
  entry.said.push_back(length("least", parameter.least, Sense::kMore));
  entry.said.push_back(length("most", parameter.most, Sense::kUnclear));
  entry.said.push_back(length("value", parameter.value, Sense::kUnclear));
  entry.said.push_back(text("set_by", parameter.set_by, Sense::kWording));
  return entry;
}

}  // namespace

Direction direction_of(const Said& before, const Said& after) {
  const auto turned = [](bool more) { return more ? Direction::kMore : Direction::kLess; };
  switch (after.sense) {
    case Sense::kMore:
      if (before.number != after.number) return turned(after.number > before.number);
      break;
    case Sense::kLess:
      if (before.number != after.number) return turned(after.number < before.number);
      break;
    case Sense::kMembersMore:
    case Sense::kMembersLess: {
      const bool members_more = after.sense == Sense::kMembersMore;
      const auto all = [](const Said& said) { return said.text == "*"; };
      if (all(after) || std::ranges::includes(after.members, before.members)) {
        if (!all(before)) return turned(members_more);
      }
      if (all(before) || std::ranges::includes(before.members, after.members)) return turned(!members_more);
      break;
    }
    case Sense::kWording: return Direction::kNone;
    case Sense::kUnclear: break;
  }
  return Direction::kBoth;
}

std::vector<Entry> gate_entries(const pack::Rules& rules) {
  std::vector<Entry> out;
  for (const pack::Pack& pack : rules.packs) {
    out.push_back(entry_of(pack));
    if (pack.schedule) out.push_back(schedule_of(pack));
  }
  for (const pack::RestRule& rest : rules.rests) out.push_back(entry_of(rest));
  for (const pack::ExceptionRule& exception : rules.exceptions) out.push_back(entry_of(rules, exception));
  return out;
}

std::vector<Entry> setting_entries(const pack::RuleSet& set) {
  const pack::Rules& rules = set.rules();
  std::vector<Entry> out{devices_of(device_rules(set)), sessions_of(session_rules(set)), labels_of(rules.content),
                         push_of(push_rules(set))};
  for (const model::MessageClass c : model::kMessageClasses) out.push_back(retention_of(set, c));
  const auto add = [&](const auto& list) {
    for (const auto& rule : list) out.push_back(entry_of(rule));
  };
  add(rules.alarms);
  add(rules.content.markers);
  add(rules.claims);
  add(rules.parameters);
  for (const pack::Pack& pack : rules.packs)
    if (!pack.signers.empty())
      out.push_back({"signers", pack.id, Direction::kMore, {members("signers", pack.signers, Sense::kMembersMore)}});
  return out;
}

}  // namespace policy::diff
