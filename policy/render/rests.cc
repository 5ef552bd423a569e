// [[rest]] and [schedule] in words.
#include "policy/render/family.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::render {
namespace {

using base::Seconds;
using vocabulary::Case;
using vocabulary::say;

const Both kTheRule{"Die Regel", "The rule"};

Both kind_words(pack::RestKind kind) {
  switch (kind) {
    case pack::RestKind::kAfterDuty: return {"Ruhe nach dem Dienst", "Rest after duty"};
    case pack::RestKind::kOffDuty: return {"Dienstfreie Zeit", "Time off duty"};
    case pack::RestKind::kWindow: return {"Festes Zeitfenster", "Fixed window"};
    case pack::RestKind::kAbsence: break;
  }
  return {"Abwesenheit", "Absence"};
}

const pack::Parameter* parameter_of(const pack::Rules& rules, const pack::RestRule& rule, pack::Term term) {
  for (const pack::ParameterUse& use : rule.uses)
    if (use.term == term) return &rules.parameters[use.parameter];
  return nullptr;
}

// The length, and where it is a parameter its name; nothing where the parameter has no value.
struct TermWords {
  bool known = true;
  bool zero = false;
  Both length, parameter;  // `parameter` is empty or " (Wert „…“)"
};
TermWords term_words(const pack::Rules& rules, const pack::RestRule& rule, pack::Term term, Seconds value,
                     Case german = Case::kNominative) {
  const pack::Parameter* parameter = parameter_of(rules, rule, term);
  TermWords words{true, parameter == nullptr && value == Seconds{}, vocabulary::duration(value, german), {}};
  if (parameter == nullptr) return words;
  words.parameter = say(" (Wert {})", " (value {})", named(parameter->head));
  words.known = parameter->value.has_value();
  if (words.known) words.length = vocabulary::duration(*parameter->value, german);
  return words;
}

void say_minimum(Writer& writer, const pack::Rules& rules, const pack::RestRule& rule) {
  const TermWords words = term_words(rules, rule, pack::Term::kMinimum, rule.declared.minimum, Case::kDative);
  if (!words.known) {
    writer.add_open("minimum", say("Wie lang die Ruhezeit nach jedem Dienst ist, ist noch nicht festgelegt{}.",
                                   "How long the rest after each duty is, is not yet set{}.", words.parameter));
  } else {
    writer.add("minimum", say("Nach jedem Dienst gilt eine Ruhezeit von {}{}.",
                              "After each duty there is a rest of {}{}.", words.length, words.parameter));
  }
}

void say_grace(Writer& writer, const pack::Rules& rules, const pack::RestRule& rule, const Both& it) {
  const TermWords words = term_words(rules, rule, pack::Term::kGrace, rule.declared.grace);
  if (!words.known)
    writer.add_open("grace", say("Wie lang nach dem Ende des Dienstes {} beginnt, ist noch nicht festgelegt{}.",
                                 "How long after the end of duty {} begins, is not yet set{}.", it, words.parameter));
  else if (words.zero)
    writer.add("grace", say("{} beginnt sofort mit dem Ende des Dienstes.", "{} begins at once with the end of duty.",
                            vocabulary::capital(it)));
  else
    writer.add("grace", say("{} beginnt {} nach dem Ende des Dienstes{}.", "{} begins {} after the end of duty{}.",
                            vocabulary::capital(it), words.length, words.parameter));
}

void say_lead(Writer& writer, const pack::Rules& rules, const pack::RestRule& rule, const Both& it,
              const Both& latest) {
  const TermWords words = term_words(rules, rule, pack::Term::kLead, rule.declared.lead);
  if (!words.known)
    writer.add_open("lead", say("Wie lang vor dem nächsten Dienst {} endet, ist noch nicht festgelegt{}.",
                                "How long before the next duty {} ends, is not yet set{}.", it, words.parameter));
  else if (words.zero)
    writer.add("lead", say("{} endet{} mit dem Beginn des nächsten Dienstes.", "{} ends{} when the next duty begins.",
                           vocabulary::capital(it), latest));
  else
    writer.add("lead", say("{} endet{} {} vor dem nächsten Dienst{}.", "{} ends{} {} before the next duty{}.",
                           vocabulary::capital(it), latest, words.length, words.parameter));
}

void say_restart(Writer& writer, const pack::Rules& rules, const pack::RestRule& rule) {
  const TermWords words = term_words(rules, rule, pack::Term::kRestart, rule.terms.restart.threshold);
  if (words.known) return writer.add("restart", restart_words(rule.terms.restart, words.parameter));
  writer.add_open("restart",
                  say("Von welcher Länge an eine Unterbrechung die Ruhezeit von vorn beginnen lässt, ist noch "
                      "nicht festgelegt{}.",
                      "From which length on an interruption starts the rest anew, is not yet set{}.", words.parameter));
}

void say_kind(Writer& writer, const pack::Rules& rules, const pack::RestRule& rule) {
  const Both rest{"die Ruhezeit", "the rest"}, it{"sie", "it"};
  switch (rule.kind) {
    case pack::RestKind::kAfterDuty:
      say_minimum(writer, rules, rule);
      say_grace(writer, rules, rule, rest);
      say_lead(writer, rules, rule, rest, {" spätestens", " at the latest"});
      say_restart(writer, rules, rule);
      break;
    case pack::RestKind::kOffDuty:
      writer.add("kind", {"Die Regel gilt immer, wenn kein Dienst ist.", "The rule holds whenever there is no duty."});
      say_grace(writer, rules, rule, it);
      say_lead(writer, rules, rule, it, {});
      break;
    case pack::RestKind::kWindow:
      writer.add("window", say("Die Regel gilt {}.", "The rule holds {}.", vocabulary::window(rule.window)));
      break;
    case pack::RestKind::kAbsence:
      writer.add("kind",
                 {"Die Regel gilt während Urlaub und Krankheit. Niemand kann das von anderer Ruhe unterscheiden.",
                  "The rule holds during leave and sickness. Nobody can tell this from other rest."});
      break;
  }
}

void say_unless(Writer& writer, const pack::RestRule& rule) {
  if (!rule.unless_duty && !rule.unless_on_call) return;
  const Both duty{"im Dienst ist", "is on duty"}, call{"Rufbereitschaft hat", "is on call"};
  const Both when = !rule.unless_on_call ? duty : !rule.unless_duty ? call : say("{} oder {}", "{} or {}", duty, call);
  writer.add("unless", say("Sie gilt nicht, solange jemand {}.", "It does not hold while somebody {}.", when));
}

void say_effects(Writer& writer, const pack::RestRule& rule) {
  const auto classes = [&](model::Effect effect) {
    pack::ClassSet set;
    for (const model::MessageClass c : model::kMessageClasses)
      set[pack::index_of(c)] = rule.effects[pack::index_of(c)] == effect;
    return set;
  };
  const pack::ClassSet held = classes(model::Effect::kHold), silent = classes(model::Effect::kSilent),
                       open = classes(model::Effect::kDeliver);
  if (held.any())
    writer.add("effect", say("In dieser Zeit werden zurückgehalten: {}.", "In this time these are held: {}.",
                             vocabulary::messages(held)));
  if (silent.any())
    writer.add("effect",
               say("Erst beim Öffnen der App kommen in dieser Zeit an: {}.",
                   "In this time these arrive only when the app is opened: {}.", vocabulary::messages(silent)));
  if (open.any())
    writer.add("effect",
               say("Diese Regel hält nicht auf: {}.", "This rule does not hold: {}.", vocabulary::messages(open)));
}

// How far rules of a weaker layer may go.
void say_adaptable(Writer& writer, const pack::RestRule& rule) {
  const pack::Adaptable& bound = rule.adaptable;
  const Both who = rule.head.layer == pack::Layer::kLaw ? Both{"Eine Vereinbarung oder eine andere schwächere Regel",
                                                               "An agreement or another weaker rule"}
                                                        : Both{"Eine schwächere Regel", "A weaker rule"};
  const auto add = [&](const std::optional<Seconds>& value, std::string_view de, std::string_view en) {
    if (value) writer.add("adaptable", say(de, en, who, vocabulary::duration(*value)));
  };
  add(bound.minimum, "{} darf die Ruhezeit anders festlegen, aber nicht kürzer als {}.",
      "{} may set another rest, but none shorter than {}.");
  add(bound.grace, "{} darf den Beginn anders festlegen, aber nicht später als {} nach dem Dienst.",
      "{} may set another begin, but none later than {} after duty.");
  add(bound.lead, "{} darf das Ende anders festlegen, aber nicht früher als {} vor dem nächsten Dienst.",
      "{} may set another end, but none earlier than {} before the next duty.");
}

// What counts where another loaded pack has adapted the rule.
void say_adapted(Writer& writer, const pack::RestRule& rule) {
  if (rule.adapted_cite.empty()) return;
  std::vector<Both> values;
  const auto changed = [&](Seconds own, Seconds now, std::string_view de, std::string_view en) {
    if (own != now) values.push_back(say(de, en, vocabulary::duration(now)));
  };
  changed(rule.declared.minimum, rule.terms.minimum, "die Ruhezeit ist {}", "the rest is {}");
  changed(rule.declared.grace, rule.terms.grace, "sie beginnt {} nach dem Dienst", "it begins {} after duty");
  changed(rule.declared.lead, rule.terms.lead, "sie endet {} vor dem nächsten Dienst",
          "it ends {} before the next duty");
  const Both what = values.empty() ? Both{"keine Änderung", "no change"} : vocabulary::list_and(values);
  writer.add("adapted", say("Eine schwächere Regel hat das angepasst: {}. Quelle: {}.",
                            "A weaker rule has adapted this: {}. Source: {}.", what, shown(rule.adapted_cite)));
}

Block rest_block(const pack::Rules& rules, const pack::RestRule& rule) {
  Block block = block_of(rule.head, kind_words(rule.kind));
  Writer writer(rule.head.id, block.sentences);
  if (rule.unset)
    writer.add_open("unset",
                    {"Noch nicht festgelegt: Dieser Regel fehlt ein Wert. Bis er vereinbart ist, gilt die Regel "
                     "ständig, und das Paket kann nicht in Kraft treten.",
                     "Not yet set: this rule lacks a value. Until it is agreed, the rule holds all the time, and "
                     "the pack cannot come into force."});
  say_kind(writer, rules, rule);
  say_unless(writer, rule);
  say_effects(writer, rule);
  say_applies(writer, rule.applies, kTheRule);
  say_adaptable(writer, rule);
  say_adapted(writer, rule);
  return block;
}

}  // namespace

Section rest_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Wann Nachrichten warten", "When messages wait"}, {}};
  for (const pack::RestRule* rule : own(rules.rests, pack)) section.blocks.push_back(rest_block(rules, *rule));
  return section;
}

Section schedule_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Kernzeiten", "Core hours"}, {}};
  const auto& schedule = rules.packs[pack].schedule;
  if (!schedule) return section;
  Block block{0, {"Wer in keinem Dienstplan steht", "People without a roster"}, {}, {}, false, {}};
  Writer writer("schedule", block.sentences);
  writer.add("who", {"Steht jemand eine ganze Woche lang in keinem Dienstplan, zählen feste Zeiten als Dienst.",
                     "Where somebody has no roster entry for a whole week, fixed hours count as duty."});
  for (const time::Window& hours : schedule->hours)
    writer.add("hours", say("Dienst ist dann {}.", "Duty is then {}.", vocabulary::core_hours(hours)));
  writer.add("holidays", {"An Feiertagen ist kein Dienst.", "There is no duty on public holidays."});
  say_applies(writer, schedule->applies, {"Das", "This"});
  section.blocks.push_back(std::move(block));
  return section;
}

}  // namespace policy::render
