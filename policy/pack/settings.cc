// What the gateway asks a RuleSet, apart from decisions.
#include <algorithm>

#include "policy/pack/rules.h"
#include "policy/pack/spelling.h"

namespace policy::pack {
namespace {

bool member_of_any(std::span<const std::string> groups, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(wanted, [&](const std::string& group) {
    return group == "*" || std::ranges::find(groups, group) != groups.end();
  });
}

}  // namespace

std::vector<OverrideRules> overrides_for(const RuleSet& rules, std::span<const std::string> groups) {
  std::vector<OverrideRules> out;
  for (const ExceptionRule& rule : rules.rules().exceptions) {
    if (rule.when != ExceptionWhen::kOverride || !applies_to(rule.applies, groups)) continue;
    out.push_back({rule.head.id, rule.role, rule.reasons, rule.longest, rule.per_week, rule.classes, rule.head.cite});
  }
  return out;
}

base::Status may_override(const RuleSet& rules, std::string_view exception, std::span<const std::string> roles,
                          std::string_view reason) {
  const auto& all = rules.rules().exceptions;
  const auto rule = std::ranges::find_if(
      all, [&](const ExceptionRule& one) { return one.when == ExceptionWhen::kOverride && one.head.id == exception; });
  if (rule == all.end()) {
    std::vector<std::string> ids;
    for (const ExceptionRule& one : all)
      if (one.when == ExceptionWhen::kOverride) ids.push_back(one.head.id);
    return base::fail("override.unknown", "override '" + base::printable(exception) + "'",
                      "the id of an [[exception]] with when = \"override\"", did_you_mean(exception, ids));
  }
  if (std::ranges::find(roles, rule->role) == roles.end()) {
    return base::fail("override.not-permitted", "override '" + rule->head.id + "' by somebody who may not grant it",
                      "members of '" + base::printable(rule->role) + "'");
  }
  if (std::ranges::find(rule->reasons, reason) != rule->reasons.end()) return {};
  const std::vector<std::string_view> reasons(rule->reasons.begin(), rule->reasons.end());
  return base::fail("override.unknown-reason", "reason '" + base::printable(reason) + "'", joined(reasons),
                    did_you_mean(reason, reasons));
}

std::optional<base::Seconds> self_open_max(const RuleSet& rules, std::span<const std::string> groups) {
  std::optional<base::Seconds> longest;
  for (const ExceptionRule& rule : rules.rules().exceptions) {
    if (rule.when != ExceptionWhen::kSelfOpen || !applies_to(rule.applies, groups)) continue;
    longest = std::max(longest, std::optional(rule.longest));
  }
  return longest;
}

bool applies_to(const Applies& applies, std::span<const std::string> groups) {
  return applies.everybody || member_of_any(groups, applies.groups);
}

DeviceRules device_rules(const RuleSet& rules) { return rules.rules().devices; }
SessionRules session_rules(const RuleSet& rules) { return rules.rules().sessions; }
LogAccessRules log_access_rules(const RuleSet& rules) { return rules.rules().log_access; }
const std::string& digest(const RuleSet& rules) { return rules.rules().digest; }
const std::string& zone(const RuleSet& rules) { return rules.rules().zone; }

PushRules push_rules(const RuleSet& rules) { return rules.rules().push; }

ContentSettings content_rules(const RuleSet& rules) {
  ContentSettings out{rules.rules().content.labels, {}, {}};
  for (const ContentMarker& marker : rules.rules().content.markers) {
    out.markers.push_back({marker.head.id, marker.pattern, marker.unless, marker.warns});
    out.sources.push_back({marker.head.title.de, marker.head.title.en, marker.head.cite});
  }
  return out;
}

RetentionRules combine_retention(std::span<const RetentionRule> rules, model::MessageClass message_class,
                                 const std::vector<bool>& absent) {
  RetentionRules out;
  const RetentionRule* shortest = nullptr;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RetentionRule& rule = rules[i];
    if (!rule.classes[index_of(message_class)] || (i < absent.size() && absent[i])) continue;
    const auto key = [](const RetentionRule& r) { return std::tuple(*r.period, r.from_readable, r.head.layer); };
    if (shortest == nullptr) out.ceiling = rule.ceiling.value_or(*rule.period);
    out.ceiling = std::min(out.ceiling, rule.ceiling.value_or(*rule.period));
    out.floor = std::max(out.floor, rule.floor.value_or(base::Seconds{}));
    if (shortest == nullptr || key(rule) < key(*shortest)) shortest = &rule;
  }
  if (shortest == nullptr) return out;
  out.period = std::min(*shortest->period, out.ceiling);
  out.from_readable = shortest->from_readable;
  out.floor = std::min(out.floor, out.period);
  out.rule = shortest->head.id;
  return out;
}

RetentionRules retention_rules(const RuleSet& rules, model::MessageClass message_class) {
  return combine_retention(rules.rules().retentions, message_class, {});
}

std::vector<SendLimit> send_limits(const RuleSet& rules, std::span<const std::string> groups,
                                   model::MessageClass message_class) {
  std::vector<SendLimit> out;
  for (const AlarmRule& rule : rules.rules().alarms) {
    if (!rule.classes[index_of(message_class)] || !rule.limit_count || !rule.limit_per) continue;
    if (!member_of_any(groups, rule.senders)) continue;
    out.push_back({static_cast<std::uint64_t>(*rule.limit_count), *rule.limit_per, rule.head.id});
  }
  return out;
}

base::Status may_send(const RuleSet& rules, std::span<const std::string> groups, model::MessageClass message_class,
                      std::string_view reason) {
  const auto& alarms = rules.rules().alarms;
  // Every pack that speaks of the class must permit it; within a pack one rule is enough.
  for (std::size_t pack = 0; pack < rules.rules().packs.size(); ++pack) {
    bool named = false, permitted = false;
    std::vector<std::string_view> reasons;
    for (const AlarmRule& rule : alarms) {
      if (rule.head.pack != pack || !rule.classes[index_of(message_class)]) continue;
      named = true;
      if (!member_of_any(groups, rule.senders)) continue;
      reasons.insert(reasons.end(), rule.reasons.begin(), rule.reasons.end());
      permitted |= rule.reasons.empty() || std::ranges::find(rule.reasons, reason) != rule.reasons.end();
    }
    if (!named || permitted) continue;
    const std::string class_name(name_of(message_class));
    if (reasons.empty()) {
      return base::fail("alarm.not-permitted", "class '" + class_name + "' from somebody who may not send it",
                        "members of the groups that the rules name", "send it as routine or ask the control room");
    }
    return base::fail(
        "alarm.unknown-reason",
        reason.empty() ? "class '" + class_name + "' without a reason" : "reason '" + base::printable(reason) + "'",
        joined(reasons), did_you_mean(reason, reasons));
  }
  return {};
}

}  // namespace policy::pack
