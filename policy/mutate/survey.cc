#include "policy/mutate/survey.h"

#include <algorithm>
#include <set>

#include "policy/check/cover.h"
#include "policy/decide/decide.h"
#include "policy/mutate/typical.h"
#include "policy/pack/rules.h"

namespace policy::mutate {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using pack::RuleSet;

constexpr Seconds kBefore{14 * 86400}, kAfter{31 * 86400};
constexpr Instant kWithoutFacts{1'780'264'800};  // 2026-06-01 in Berlin

Interval span_of(const model::PersonFacts& facts) {
  std::optional<Interval> all;
  const auto take = [&](const Interval& span) {
    if (!all) all = span;
    all = Interval{std::min(all->begin, span.begin), std::max(all->end, span.end)};
  };
  for (const auto& entry : facts.roster) take(entry.span);
  for (const auto& entry : facts.interruptions) take(entry.span);
  for (const auto& entry : facts.overrides) take(entry.span);
  for (const auto& entry : facts.self_openings) take(entry.span);
  if (!all) all = {kWithoutFacts, kWithoutFacts};
  return {all->begin - kBefore, all->end + kAfter};
}

// The first instant at which effect or rules differ.
std::optional<Instant> first_difference(const std::vector<model::Stretch>& a, const std::vector<model::Stretch>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool same = a[i].effect == b[i].effect && a[i].rules == b[i].rules;
    if (!same) return a[i].span.begin;
    if (a[i].span.end != b[i].span.end) return std::min(a[i].span.end, b[i].span.end);
  }
  return std::nullopt;
}

std::optional<Hint> decision_hint(const RuleSet& is, const RuleSet& other, const model::PersonFacts& facts) {
  for (const model::MessageClass c : model::kMessageClasses) {
    const Interval span = span_of(facts);
    const auto instant =
        first_difference(decide::timeline(is, facts, c, span), decide::timeline(other, facts, c, span));
    if (!instant) continue;
    Hint hint;
    hint.family = "case";
    hint.person = facts.person;
    hint.message_class = c;
    hint.at = *instant;
    hint.decision = decide::decide(is, facts, c, *instant);
    return hint;
  }
  return std::nullopt;
}

std::string quoted(std::string_view text) { return "\"" + base::printable(text) + "\""; }

Hint expecting(std::string family, std::string expect) {
  Hint hint;
  hint.family = std::move(family);
  hint.expect = std::move(expect);
  return hint;
}

std::string words_of(const pack::DeviceRules& is) {
  return "max = " + std::to_string(is.devices_max) +
         ", private = " + quoted(is.private_needs_consent ? "consent" : "allowed");
}

std::string words_of(const pack::SessionRules& is) {
  const auto duration = [](Seconds s) { return quoted(base::format_duration(s)); };
  return "factors = " + std::to_string(is.factors) + ", lifetime = " + duration(is.lifetime) +
         ", idle = " + duration(is.idle) + ", step_up = " + duration(is.step_up) +
         ", failures = " + std::to_string(is.failures_max) + ", lock_for = " + duration(is.lock_for);
}

std::string words_of(const pack::PushRules& is) {
  std::string classes;
  for (const model::MessageClass c : model::kMessageClasses)
    if (is.classes[pack::index_of(c)]) classes += (classes.empty() ? "" : ", ") + quoted(name_of(c));
  return "payload = " + quoted(is.payload == pack::PushPayload::kNothing ? "nothing" : "class") +
         ", jitter = " + quoted(base::format_duration(is.jitter)) + ", classes = [" + classes + "]";
}

std::string words_of(const pack::RetentionRules& is) {
  const auto duration = [](Seconds s) { return quoted(base::format_duration(s)); };
  return "period = " + duration(is.period) + ", ceiling = " + duration(is.ceiling) + ", floor = " + duration(is.floor) +
         ", clock = " + quoted(is.from_readable ? "readable" : "accepted") + ", rule = " + quoted(is.rule);
}

std::string words_of(const pack::LogAccessRules& is) {
  std::string purposes;
  for (const std::string& purpose : is.purposes) purposes += (purposes.empty() ? "" : ", ") + quoted(purpose);
  return "smallest_cell = " + std::to_string(is.smallest_cell) +
         ", told_after = " + quoted(base::format_duration(is.told_after)) + ", purposes = [" + purposes + "]";
}

std::string words_of(const std::vector<pack::LogRule>& logs) {
  std::string out;
  for (const pack::LogRule& rule : logs)
    for (const std::string& record : rule.records)
      out += (out.empty() ? "" : "; ") + ("record = " + quoted(record) + ", keep = " + quoted(name_of(rule.keep)));
  return out;
}

std::optional<Hint> settings_hint(const RuleSet& is, const RuleSet& other) {
  const auto differing = [](const char* family, const std::string& a, const std::string& b) -> std::optional<Hint> {
    if (a == b) return std::nullopt;
    return expecting(family, a);
  };
  if (auto hint = differing("devices", words_of(device_rules(is)), words_of(device_rules(other)))) return hint;
  if (auto hint = differing("sessions", words_of(session_rules(is)), words_of(session_rules(other)))) return hint;
  if (auto hint = differing("push", words_of(push_rules(is)), words_of(push_rules(other)))) return hint;
  for (const model::MessageClass c : model::kMessageClasses) {
    const std::string head = "class = " + quoted(name_of(c)) + ", ";
    if (auto hint =
            differing("retention", head + words_of(retention_rules(is, c)), head + words_of(retention_rules(other, c))))
      return hint;
  }
  if (auto hint = differing("log_access", words_of(log_access_rules(is)), words_of(log_access_rules(other))))
    return hint;
  if (auto hint = differing("log", words_of(is.rules().logs), words_of(other.rules().logs))) return hint;
  const auto labels = content_rules(is).labels, others = content_rules(other).labels;
  for (const std::string& label : labels)
    if (std::ranges::find(others, label) == others.end())
      return expecting("content", "label = " + quoted(label) + ", allowed = true");
  if (labels != others) return expecting("content", "label = \"another\", allowed = false");
  if (content_rules(is).markers.size() != content_rules(other).markers.size())
    return expecting("content", "a text that the marker finds");
  return std::nullopt;
}

std::string limits_of(const RuleSet& rules, std::span<const std::string> groups, model::MessageClass c) {
  std::vector<std::string> limits;
  for (const pack::SendLimit& limit : send_limits(rules, groups, c))
    limits.push_back(quoted(std::to_string(limit.count) + " per " + base::format_duration(limit.per)));
  std::ranges::sort(limits);
  std::string out;
  for (const std::string& limit : limits) out += (out.empty() ? "" : ", ") + limit;
  return "limits = [" + out + "]";
}

// Everybody who may send, and somebody in no group; every reason, none and one that is in no list.
std::optional<Hint> sending_hint(const RuleSet& is, const RuleSet& other) {
  std::vector<std::vector<std::string>> who{{}};
  std::set<std::string> reasons{"", "another"};
  for (const RuleSet* rules : {&is, &other}) {
    for (const pack::AlarmRule& rule : rules->rules().alarms) {
      for (const std::string& sender : rule.senders)
        if (sender != "*") who.push_back({sender});
      reasons.insert(rule.reasons.begin(), rule.reasons.end());
    }
  }
  for (const auto& groups : who) {
    const std::string head = "groups = [" + (groups.empty() ? "" : quoted(groups[0])) + "], class = ";
    for (const model::MessageClass c : model::kMessageClasses) {
      for (const std::string& reason : reasons) {
        const auto a = may_send(is, groups, c, reason), b = may_send(other, groups, c, reason);
        if (a.has_value() == b.has_value() && (a || a.error().code == b.error().code)) continue;
        return expecting("send", head + quoted(name_of(c)) + ", reason = " + quoted(reason) +
                                     ", allowed = " + (a ? "true" : "false, code = " + quoted(a.error().code)));
      }
      if (limits_of(is, groups, c) != limits_of(other, groups, c))
        return expecting("limit", head + quoted(name_of(c)) + ", " + limits_of(is, groups, c));
    }
  }
  return std::nullopt;
}

pack::Value applied(const trial::Trial& trial, const Mutant& mutant) {
  pack::Value root = trial.pack().root;
  mutant.edit(root);
  return root;
}

// Not a change at all: the rest's effect on the class never shows, before or after.
bool never_shows(const RuleSet& is, const RuleSet& other, const Mutant& mutant) {
  if (mutant.rest.empty()) return false;
  const pack::Rules& rules = other.rules();
  const auto id_of = [](const pack::RestRule& rule) { return std::string_view(rule.head.id); };
  const auto at = std::ranges::find(rules.rests, std::string_view(mutant.rest), id_of);
  const auto before = std::ranges::find(is.rules().rests, std::string_view(mutant.rest), id_of);
  if (at == rules.rests.end() || before == is.rules().rests.end()) return false;
  const auto strongest = std::max(at->effects[mutant.message_class], before->effects[mutant.message_class]);
  return check::Cover(rules).hides(static_cast<std::size_t>(at - rules.rests.begin()), mutant.message_class, strongest);
}

}  // namespace

bool survives(trial::Trial& trial, const Mutant& mutant) {
  const pack::Value root = applied(trial, mutant);
  const auto rules = trial.load(&root);
  if (!rules || trial.fails(**rules, &root)) return false;
  if (mutant.rest.empty()) return true;
  const auto is = trial.load();
  return !is || !never_shows(**is, **rules, mutant);
}

Hint hint_for(trial::Trial& trial, const Mutant& mutant) {
  if (mutant.about_loading) return expecting("load", "a pack at the bound that loads, and one beyond that does not");
  const pack::Value root = applied(trial, mutant);
  const auto is = trial.load(), other = trial.load(&root);
  if (!is || !other) return {};
  for (const auto& [name, facts] : trial.cases().people)
    if (auto hint = decision_hint(**is, **other, facts)) return *hint;
  for (const model::PersonFacts& facts : typical_people((*is)->rules()))
    if (auto hint = decision_hint(**is, **other, facts)) return *hint;
  if (auto hint = settings_hint(**is, **other)) return *hint;
  if (auto hint = sending_hint(**is, **other)) return *hint;
  return {};
}

}  // namespace policy::mutate
