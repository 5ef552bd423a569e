#include "policy/explain/openings.h"

#include <algorithm>

#include "policy/decide/exceptions.h"
#include "policy/vocabulary/calendar_words.h"

namespace policy::explain {
namespace {

using base::Instant;
using pack::ExceptionRule;
using pack::ExceptionWhen;

class Sentences {
 public:
  Sentences(Language language, const std::function<std::string(Instant)>& moment)
      : german_(language == Language::kGerman), moment_(moment) {}

  void on_call(const ExceptionRule& rule) {
    out_ += std::string(german_ ? " Während der Rufbereitschaft gilt die Ausnahme " : " While on call the exception ") +
            named(rule) + (german_ ? "." : " applies.");
  }

  void window(const ExceptionRule& rule) {
    const std::string from = vocabulary::clock(rule.window.from.second), to = vocabulary::clock(rule.window.to.second);
    out_ += german_ ? " Von " + from + " bis " + to + " Uhr gilt die Ausnahme " + named(rule) + "."
                    : " Between " + from + " and " + to + " the exception " + named(rule) + " applies.";
  }

  void override_until(const ExceptionRule& rule, const model::Override& granted, Instant end) {
    const std::string role = base::printable(granted.role), reason = base::printable(granted.reason);
    out_ += german_ ? " Bis " + moment_(end) + " gilt die Durchbrechung " + named(rule) + ", gewährt durch " + role +
                          " wegen " + reason + "."
                    : " Until " + moment_(end) + " the override " + named(rule) + " applies, granted by " + role +
                          " for " + reason + ".";
  }

  void own_until(const ExceptionRule& rule, Instant end) {
    out_ += german_ ? " Bis " + moment_(end) + " gilt die eigene Öffnung nach " + named(rule) + "."
                    : " Until " + moment_(end) + " the person's own opening under " + named(rule) + " applies.";
  }

  const std::string& text() const { return out_; }

 private:
  static std::string named(const ExceptionRule& rule) {
    return rule.head.id + (rule.head.cite.empty() ? "" : " (" + rule.head.cite + ")");
  }

  bool german_;
  const std::function<std::string(Instant)>& moment_;
  std::string out_;
};

// Does it let this class through anything that is for the person?
bool matters(const pack::Rules& rules, const ExceptionRule& exception, const model::PersonFacts& facts, std::size_t c) {
  return exception.classes[c] && std::ranges::any_of(exception.pierces, [&](std::size_t rest) {
           const pack::RestRule& rule = rules.rests[rest];
           return rule.effects[c] != model::Effect::kDeliver && pack::applies_to(rule.applies, facts.groups);
         });
}

void say_overrides(const pack::RuleSet& rules, const ExceptionRule& rule, const model::PersonFacts& facts, Instant now,
                   Sentences& sentences) {
  for (const model::Override& granted : facts.overrides) {
    if (granted.rule != rule.head.id) continue;
    const auto part = decide::counted_part(rules, facts, granted);
    if (part && part->contains(now)) sentences.override_until(rule, granted, part->end);
  }
}

void say_own(const ExceptionRule& rule, const model::PersonFacts& facts, Instant now, Sentences& sentences) {
  Instant end = now;
  for (const model::SelfOpening& opening : facts.self_openings) {
    const base::Interval part{opening.span.begin, std::min(opening.span.end, opening.span.begin + rule.longest)};
    if (part.contains(now)) end = std::max(end, part.end);
  }
  sentences.own_until(rule, end);
}

}  // namespace

std::string openings(const pack::RuleSet& rule_set, const model::PersonFacts& facts, model::MessageClass message_class,
                     Instant now, Language language, const std::function<std::string(Instant)>& moment) {
  const pack::Rules& rules = rule_set.rules();
  Sentences sentences(language, moment);
  for (const decide::InForce& one : decide::exceptions_in_force(rules, facts, {now, now + base::Seconds{1}})) {
    if (!matters(rules, *one.rule, facts, pack::index_of(message_class))) continue;
    switch (one.rule->when) {
      case ExceptionWhen::kOnCall: sentences.on_call(*one.rule); break;
      case ExceptionWhen::kWindow: sentences.window(*one.rule); break;
      case ExceptionWhen::kOverride: say_overrides(rule_set, *one.rule, facts, now, sentences); break;
      case ExceptionWhen::kSelfOpen: say_own(*one.rule, facts, now, sentences); break;
    }
  }
  return sentences.text();
}

}  // namespace policy::explain
