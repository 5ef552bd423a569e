// [[claim]], [[parameter]], [[adapt]] and [[set]] in words.
#include "policy/render/family.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::render {
namespace {

using vocabulary::Case;
using vocabulary::duration;
using vocabulary::say;

Both claim_words(const pack::ClaimRule& rule) {
  const Both classes = vocabulary::messages(rule.classes);
  const Both least = duration(rule.minimum.value_or(base::Seconds{}));
  switch (rule.kind) {
    case pack::ClaimKind::kRestAfterDuty:
      return say(
          "Nach jedem Dienst, vor dem nächsten, gibt es mindestens {} am Stück, in denen nichts davon ankommt: {}.",
          "After each duty, before the next, there are at least {} in one piece in which none of these arrives: {}.",
          least, classes);
    case pack::ClaimKind::kRestPer24h:
      return say(
          "In den 24 Stunden ab Beginn jedes Dienstes gibt es mindestens {} am Stück ohne Dienst, in denen nichts "
          "davon "
          "ankommt: {}.",
          "In the 24 hours from the begin of each duty there are at least {} in one piece without duty in which none "
          "of these arrives: {}.",
          least, classes);
    case pack::ClaimKind::kRestPerWeek:
      return say(
          "In jeder Kalenderwoche mit Dienst gibt es mindestens {} am Stück ohne Dienst, in denen nichts davon "
          "ankommt: "
          "{}.",
          "In each calendar week with duty there are at least {} in one piece without duty in which none of these "
          "arrives: {}.",
          least, classes);
    case pack::ClaimKind::kNeverDelivers: {
      const Both when = rule.during == pack::ClaimDuring::kAbsence
                            ? Both{"Während Urlaub und Krankheit", "During leave and sickness"}
                        : rule.during == pack::ClaimDuring::kOffDuty ? Both{"Außerhalb des Dienstes", "Outside duty"}
                                                                     : Both{"Zu keiner Zeit", "At any time"};
      return rule.during == pack::ClaimDuring::kAlways
                 ? say("{} kommt etwas davon an: {}.", "{} none of these arrives: {}.", when, classes)
                 : say("{} kommt nichts davon an: {}.", "{} none of these arrives: {}.", when, classes);
    }
    case pack::ClaimKind::kAtLeastAsProtective: break;
  }
  return say("Zu jeder Zeit ist man hiervor mindestens so gut geschützt wie durch das Paket {} allein: {}.",
             "At any time people are protected from these at least as well as by the pack {} alone: {}.",
             quoted(rule.than), classes);
}

Block claim_block(const pack::ClaimRule& rule) {
  Block block = block_of(rule.head, {"Zusicherung", "Claim"});
  Writer writer(rule.head.id, block.sentences);
  writer.add("claim", claim_words(rule));
  if (rule.kind == pack::ClaimKind::kRestAfterDuty)
    writer.add("begins", {"Sie beginnen spätestens 13 Stunden nach dem Dienst.",
                          "They begin at the latest 13 hours after duty."});  // policy/prove/claims.h
  if (rule.minimum) writer.add("restart", restart_words(rule.restart));
  writer.add("without",
             {"Freigaben durch eine Leitung und selbst gewählte Unterbrechungen zählen dabei nicht mit.",
              "Exceptions by somebody in charge and interruptions of one's own choice are not counted here."});
  say_applies(writer, rule.applies, {"Die Zusicherung", "The claim"});
  return block;
}

// The rules that need a parameter's value.
Both users_of(const pack::Rules& rules, const pack::Parameter& parameter) {
  const auto index = static_cast<std::size_t>(&parameter - rules.parameters.data());
  std::vector<Both> names;
  const auto is_it = [index](const pack::ParameterUse& use) { return use.parameter == index; };
  for (const pack::RestRule& rule : rules.rests)
    if (std::ranges::any_of(rule.uses, is_it)) names.push_back(named(rule.head));
  return vocabulary::list_and(names);
}

Block parameter_block(const pack::Rules& rules, const pack::Parameter& parameter) {
  Block block = block_of(parameter.head, {"Wert", "Value"});
  Writer writer(parameter.head.id, block.sentences);
  if (parameter.value)
    writer.add("value", say("Festgelegt ist: {}. Quelle: {}.", "It is set to {}. Source: {}.",
                            duration(*parameter.value), shown(parameter.set_by)));
  else
    writer.add_open("value",
                    {"Noch nicht festgelegt: gilt als ständig geschlossen. Regeln, die diesen Wert brauchen, halten "
                     "zurück, bis er vereinbart ist.",
                     "Not yet set: counts as always closed. Rules that need this value hold until it is agreed."});
  if (parameter.least)
    writer.add("least",
               say("Der Wert muss mindestens {} sein.", "The value must be at least {}.", duration(*parameter.least)));
  if (parameter.most)
    writer.add("most",
               say("Der Wert darf höchstens {} sein.", "The value must be at most {}.", duration(*parameter.most)));
  const Both users = users_of(rules, parameter);
  if (!users.empty()) writer.add("users", say("Ihn brauchen: {}.", "It is needed by: {}.", users));
  return block;
}

Block adapt_block(const pack::Rules& rules, const pack::OwnAdapt& adapt) {
  const auto rest = std::ranges::find(rules.rests, adapt.rule, [](const pack::RestRule& rule) { return rule.head.id; });
  const Both rule = rest == rules.rests.end() ? quoted(adapt.rule) : named(rest->head);
  Block block{0, say("Anpassung von {}", "Adaptation of {}", rule), {}, shown(adapt.cite), true, {}};
  Writer writer("adapt " + adapt.rule, block.sentences);
  if (adapt.values.minimum)
    writer.add("minimum",
               say("Die Ruhezeit nach {} ist {}.", "The rest of {} is {}.", rule, duration(*adapt.values.minimum)));
  if (adapt.values.grace)
    writer.add("grace", say("{} beginnt {} nach dem Ende des Dienstes.", "{} begins {} after the end of duty.", rule,
                            duration(*adapt.values.grace)));
  if (adapt.values.lead)
    writer.add("lead", say("{} endet {} vor dem nächsten Dienst.", "{} ends {} before the next duty.", rule,
                           duration(*adapt.values.lead)));
  return block;
}

Block set_block(const pack::Rules& rules, const pack::OwnSet& set) {
  const auto found =
      std::ranges::find(rules.parameters, set.parameter, [](const pack::Parameter& p) { return p.head.id; });
  const Both parameter = found == rules.parameters.end() ? quoted(set.parameter) : named(found->head);
  Block block{0, say("Festlegung von {}", "Setting of {}", parameter), {}, shown(set.cite), true, {}};
  Writer("set " + set.parameter, block.sentences)
      .add("value", say("Dieses Paket legt fest: {}.", "This pack sets: {}.", duration(set.value)));
  return block;
}

}  // namespace

Section claim_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Was bewiesen werden muss", "What must be proved"}, {}};
  for (const pack::ClaimRule* rule : own(rules.claims, pack)) section.blocks.push_back(claim_block(*rule));
  return section;
}

Section parameter_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Werte, die vereinbart werden müssen", "Values that must be agreed"}, {}};
  for (const pack::Parameter* parameter : own(rules.parameters, pack))
    section.blocks.push_back(parameter_block(rules, *parameter));
  return section;
}

Section adapt_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Was dieses Paket an anderen Regeln festlegt", "What this pack sets in other rules"}, {}};
  for (const pack::OwnAdapt& adapt : rules.packs[pack].own.adapts) section.blocks.push_back(adapt_block(rules, adapt));
  for (const pack::OwnSet& set : rules.packs[pack].own.sets) section.blocks.push_back(set_block(rules, set));
  return section;
}

}  // namespace policy::render
