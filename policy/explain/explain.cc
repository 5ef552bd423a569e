#include "policy/explain/explain.h"

#include <algorithm>
#include <array>

#include "policy/decide/scene.h"
#include "policy/explain/openings.h"
#include "policy/pack/rules.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::explain {
namespace {

using base::Instant;
using model::Effect;
using model::MessageClass;

struct Words {
  std::array<std::string_view, 4> kinds;
  std::string_view open, from_then, no_change, because, adapted, rule;
};

constexpr Words kGermanWords{{"Ruhe nach dem Dienst", "dienstfreie Zeit", "festes Zeitfenster", "Abwesenheit"},
                             "Keine Regel hält sie auf.",
                             "Danach gilt anderes.",
                             "Eine Änderung ist nicht absehbar.",
                             "Grund",
                             "angepasst durch",
                             "Regel"};

constexpr Words kEnglishWords{{"rest after duty", "time off duty", "fixed window", "absence"},
                              "No rule holds them.",
                              "Then this changes.",
                              "No change is in sight.",
                              "Reason",
                              "adapted by",
                              "rule"};

std::string hours(const time::Window& window) {
  return vocabulary::clock(window.from.second) + "–" + vocabulary::clock(window.to.second);
}

// "; parameter credit set by TV § 3: 30m"
std::string set_parameters(const pack::Rules& rules, const pack::RestRule& rule, Language language) {
  const bool german = language == Language::kGerman;
  std::string out;
  for (const pack::ParameterUse& use : rule.uses) {
    const pack::Parameter& parameter = rules.parameters[use.parameter];
    if (!parameter.value) continue;
    out += (german ? "; Parameter " : "; parameter ") + parameter.head.id +
           (german ? " festgelegt durch " : " set by ") + parameter.set_by + ": " +
           base::format_duration(*parameter.value);
  }
  return out;
}

// " cannot be evaluated: parameter credit is not set, so it holds"
std::string unset_parameters(const pack::Rules& rules, const pack::RestRule& rule, Language language) {
  const bool german = language == Language::kGerman;
  std::string out;
  for (const pack::ParameterUse& use : rule.uses) {
    const pack::Parameter& parameter = rules.parameters[use.parameter];
    if (parameter.value || out.find(" " + parameter.head.id + " ") != std::string::npos) continue;
    out += (out.empty() ? (german ? " lässt sich nicht auswerten: " : " cannot be evaluated: ") : ", ") +
           std::string(german ? "Parameter " : "parameter ") + parameter.head.id +
           (german ? " ist nicht festgelegt" : " is not set");
  }
  if (out.empty()) return out;
  return out + (german ? ", deshalb hält die Regel zurück" : ", so it holds");
}

// "rest after duty of 11h (rule dv.rest, ArbZG § 5 (1))"
std::string reason(const pack::Rules& rules, const pack::RestRule& rule, Language language) {
  const bool german = language == Language::kGerman;
  const Words& words = german ? kGermanWords : kEnglishWords;
  const std::string& title = german ? rule.head.title.de : rule.head.title.en;
  std::string out = title.empty() ? std::string(words.kinds[static_cast<std::size_t>(rule.kind)]) : title;
  if (rule.kind == pack::RestKind::kAfterDuty && title.empty() && !rule.unset)
    out += (german ? " von " : " of ") + base::format_duration(rule.terms.minimum);
  if (rule.kind == pack::RestKind::kWindow) out += " " + hours(rule.window);
  out += " (" + std::string(words.rule) + " " + rule.head.id;
  if (!rule.head.cite.empty()) out += ", " + rule.head.cite;
  if (!rule.adapted_cite.empty()) {
    out += "; " + std::string(words.adapted) + " " + rule.adapted_cite;
    if (rule.kind == pack::RestKind::kAfterDuty) out += ": " + base::format_duration(rule.terms.minimum);
  }
  return out + set_parameters(rules, rule, language) + ")" + unset_parameters(rules, rule, language);
}

// What is in force beside the rules, or that nothing can be said.
std::string exceptions(const pack::RuleSet& rules, const model::PersonFacts& facts, MessageClass message_class,
                       Instant now, Language language) {
  if (decide::evaluable(facts)) {
    return openings(rules, facts, message_class, now, language,
                    [&](Instant t) { return vocabulary::moment(*rules.rules().zone_table, t).in(language); });
  }
  return language == Language::kGerman
             ? " Ein Eintrag des Dienstplans oder eine Öffnung lässt sich nicht auswerten, deshalb hält jede Regel "
               "zurück."
             : " An entry of the roster or an opening cannot be evaluated, so every rule holds.";
}

}  // namespace

std::string explain(const pack::RuleSet& rule_set, const model::PersonFacts& facts, MessageClass message_class,
                    Instant now, const model::Decision& decision, Language language) {
  const pack::Rules& rules = rule_set.rules();
  const bool german = language == Language::kGerman;
  const Words& words = german ? kGermanWords : kEnglishWords;
  std::string out = vocabulary::capital(vocabulary::messages(message_class)).in(language);
  out += " " + vocabulary::happens(decision.effect).in(language);
  const bool changes = decision.until < base::kEndOfTime;
  if (changes) {
    out += (german ? " bis " : " until ") + vocabulary::moment(*rules.zone_table, decision.until).in(language) + ".";
  } else {
    out += ". " + std::string(words.no_change);
  }
  if (decision.effect == Effect::kDeliver) {
    out += " " + std::string(words.open);
  } else {
    std::string reasons;
    for (const std::string& id : decision.rules) {
      const auto rule = std::ranges::find(rules.rests, id, [](const pack::RestRule& r) { return r.head.id; });
      if (rule != rules.rests.end()) reasons += (reasons.empty() ? "" : "; ") + reason(rules, *rule, language);
    }
    out += " " + std::string(words.because) + ": " + reasons + ".";
  }
  out += exceptions(rule_set, facts, message_class, now, language);
  if (changes) out += " " + std::string(words.from_then);
  return out;
}

}  // namespace policy::explain
