// What the gateway is told beside decisions, and what of it can never count.
#include <algorithm>
#include <set>

#include "policy/check/collector.h"

namespace policy::check {
namespace {

// The reasons for which every pack but `except` admits the class; nothing: any reason.
using Reasons = std::optional<std::set<std::string>>;

Reasons common(const Reasons& a, const Reasons& b) {
  if (!a) return b;
  if (!b) return a;
  std::set<std::string> both;
  std::ranges::set_intersection(*a, *b, std::inserter(both, both.end()));
  return both;
}

// Within a pack one rule is enough, so its reasons add up; over the packs all must admit it.
Reasons admitted_by(const pack::Rules& rules, std::size_t pack, std::size_t message_class) {
  Reasons out = std::set<std::string>{};
  bool named = false;
  for (const pack::AlarmRule& rule : rules.alarms) {
    if (rule.head.pack != pack || !rule.classes[message_class]) continue;
    named = true;
    if (rule.reasons.empty()) out.reset();
    if (out) out->insert(rule.reasons.begin(), rule.reasons.end());
  }
  return named ? out : std::nullopt;
}

}  // namespace

void find_idle_alarms(Collector& found) {
  const pack::Rules& rules = found.rules();
  for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
    for (const pack::AlarmRule& rule : rules.alarms) {
      if (!rule.classes[c]) continue;
      Reasons reasons;
      if (!rule.reasons.empty()) reasons.emplace(rule.reasons.begin(), rule.reasons.end());
      for (std::size_t pack = 0; pack < rules.packs.size(); ++pack)
        if (pack != rule.head.pack) reasons = common(reasons, admitted_by(rules, pack, c));
      if (!reasons || !reasons->empty()) continue;
      found.add("finding.alarm-unusable", rule.head,
                "rule '" + rule.head.id + "' permits class '" + std::string(name_of(model::kMessageClasses[c])) +
                    "' for reasons of which other packs admit none",
                "agree on one list of reasons, or take the class out of one pack");
    }
  }
}

void find_idle_retentions(Collector& found) {
  const pack::Rules& rules = found.rules();
  std::vector<bool> absent(rules.retentions.size());
  for (std::size_t i = rules.retentions.size(); i-- > 0;) {
    const pack::RetentionRule& rule = rules.retentions[i];
    std::vector<bool> without = absent;
    without[i] = true;
    const bool idle = std::ranges::all_of(model::kMessageClasses, [&](model::MessageClass c) {
      if (!rule.classes[pack::index_of(c)]) return true;
      return combine_retention(rules.retentions, c, absent) == combine_retention(rules.retentions, c, without);
    });
    if (!idle) continue;
    absent = std::move(without);
    found.add("finding.retention-idle", rule.head,
              "rule '" + rule.head.id + "' never decides a deadline: other rules are as short for all its classes",
              "remove it, or shorten its period or ceiling");
  }
}

void find_idle_settings(Collector& found) {
  const pack::Rules& rules = found.rules();
  for (const pack::Overruled& one : rules.overruled) {
    found.add("finding.setting-idle", one.pack, one.at,
              one.setting + " of pack '" + rules.packs[one.pack].id + "' never counts: pack '" +
                  rules.packs[one.by].id + "' is stricter",
              "remove it, or agree on one value");
  }
  const pack::SessionRules& sessions = rules.sessions;
  if (sessions.cite.empty()) return;
  const auto pack = std::ranges::find(rules.packs, sessions.cite.substr(0, sessions.cite.find('/')), &pack::Pack::id);
  const auto index = static_cast<std::size_t>(pack - rules.packs.begin());
  if (sessions.idle > sessions.lifetime) {
    found.add("finding.setting-idle", index, {},
              "an idle time of " + format_duration(sessions.idle) + " never ends a session of " +
                  format_duration(sessions.lifetime),
              "choose an idle time below the lifetime");
  }
  if (sessions.step_up > sessions.lifetime) {
    found.add("finding.setting-idle", index, {},
              "a step-up of " + format_duration(sessions.step_up) + " outlasts a session of " +
                  format_duration(sessions.lifetime),
              "choose a step-up below the lifetime");
  }
}

}  // namespace policy::check
