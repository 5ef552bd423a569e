// [[exception]] and [self_open] in words, and who may send what: [[alarm]].
#include "policy/render/family.h"
#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::render {
namespace {

using vocabulary::Case;
using vocabulary::say;

Both when_words(pack::ExceptionWhen when) {
  switch (when) {
    case pack::ExceptionWhen::kOnCall: return {"Rufbereitschaft", "On call"};
    case pack::ExceptionWhen::kWindow: return {"Ausnahme zu festen Zeiten", "Exception at fixed times"};
    case pack::ExceptionWhen::kOverride: return {"Ausnahme durch eine Leitung", "Exception by somebody in charge"};
    case pack::ExceptionWhen::kSelfOpen: break;
  }
  return {"Die eigene Ruhe selbst unterbrechen", "Interrupting one's own rest"};
}

void say_override(Writer& writer, const pack::ExceptionRule& rule) {
  writer.add("role", say("Nur Mitglieder der Gruppe {} dürfen sie für eine andere Person einschalten.",
                         "Only members of the group {} may switch it on for another person.", quoted(rule.role)));
  writer.add("reasons", say("Sie müssen einen Grund nennen. Erlaubt ist nur: {}.",
                            "They must give a reason. Only this is permitted: {}.", quoted_list_or(rule.reasons)));
  writer.add("longest", say("Sie endet von selbst, spätestens nach {}.", "It ends by itself, at the latest after {}.",
                            vocabulary::duration(rule.longest, Case::kDative)));
  writer.add("limit", say("Für jede Person zählt sie höchstens {}-mal in einer Kalenderwoche.",
                          "For each person it counts at most {} times in a calendar week.", rule.per_week));
}

void say_when(Writer& writer, const pack::ExceptionRule& rule) {
  switch (rule.when) {
    case pack::ExceptionWhen::kOnCall:
      writer.add("when", {"Die Ausnahme gilt, solange jemand Rufbereitschaft hat.",
                          "The exception holds while somebody is on call."});
      break;
    case pack::ExceptionWhen::kWindow:
      writer.add("when", say("Die Ausnahme gilt {}.", "The exception holds {}.", vocabulary::window(rule.window)));
      break;
    case pack::ExceptionWhen::kOverride:
      writer.add("when",
                 {"Die Ausnahme gilt nur, wenn sie für eine Person eingeschaltet ist. Jede Nutzung wird protokolliert.",
                  "The exception holds only when it is switched on for a person. Each use is logged."});
      say_override(writer, rule);
      break;
    case pack::ExceptionWhen::kSelfOpen:
      writer.add("when",
                 {"Jede Person darf die eigene Ruhe selbst unterbrechen. Das ist freiwillig, und niemand sonst sieht "
                  "es.",
                  "Every person may interrupt the own rest. This is voluntary, and nobody else sees it."});
      writer.add("max", say("Jede Unterbrechung endet von selbst, spätestens nach {}.",
                            "Each interruption ends by itself, at the latest after {}.",
                            vocabulary::duration(rule.longest, Case::kDative)));
      break;
  }
}

void say_pierces(Writer& writer, const pack::Rules& rules, const pack::ExceptionRule& rule) {
  std::vector<Both> names;
  for (const std::size_t rest : rule.pierces) names.push_back(named(rules.rests[rest].head));
  if (names.empty())
    writer.add("pierces", {"Sie geht keiner Regel vor.", "It goes before no rule."});
  else
    writer.add("pierces", say("Sie geht nur vor: {}.", "It goes only before: {}.", vocabulary::list_and(names)));
}

Block exception_block(const pack::Rules& rules, const pack::ExceptionRule& rule) {
  Block block = block_of(rule.head, when_words(rule.when));
  Writer writer(rule.head.id, block.sentences);
  say_when(writer, rule);
  writer.add("classes", say("Dann kommen trotz der Ruhe an: {}.", "Then these arrive in spite of the rest: {}.",
                            vocabulary::messages(rule.classes)));
  say_pierces(writer, rules, rule);
  say_applies(writer, rule.applies, {"Die Ausnahme", "The exception"});
  return block;
}

Block alarm_block(const pack::AlarmRule& rule) {
  Block block = block_of(rule.head, {"Senden", "Sending"});
  Writer writer(rule.head.id, block.sentences);
  writer.add("classes", say("Hier geht es um: {}.", "This is about: {}.", vocabulary::messages(rule.classes)));
  const bool all = std::ranges::find(rule.senders, "*") != rule.senders.end();
  if (all)
    writer.add("senders", {"Alle dürfen sie senden.", "Everybody may send them."});
  else
    writer.add("senders", say("Nur Mitglieder dieser Gruppen dürfen sie senden: {}.",
                              "Only members of these groups may send them: {}.", quoted_list_or(rule.senders)));
  if (rule.reasons.empty())
    writer.add("reasons", {"Ein Grund muss nicht genannt werden.", "No reason need be given."});
  else
    writer.add("reasons", say("Ein Grund muss genannt werden. Erlaubt ist nur: {}.",
                              "A reason must be given. Only this is permitted: {}.", quoted_list_or(rule.reasons)));
  if (rule.limit_count && rule.limit_per)
    writer.add("limit", say("Jede Person darf das höchstens {}-mal innerhalb von {}.",
                            "Each person may do so at most {} times within {}.", *rule.limit_count,
                            vocabulary::duration(*rule.limit_per, Case::kDative)));
  else
    writer.add("limit", {"Wie oft, ist nicht begrenzt.", "How often, is not limited."});
  return block;
}

}  // namespace

Section exception_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Ausnahmen: was trotzdem ankommt", "Exceptions: what arrives all the same"}, {}};
  for (const pack::ExceptionRule* rule : own(rules.exceptions, pack))
    section.blocks.push_back(exception_block(rules, *rule));
  return section;
}

Section alarm_section(const pack::Rules& rules, std::size_t pack) {
  Section section{{"Wer was senden darf", "Who may send what"}, {}};
  for (const pack::AlarmRule* rule : own(rules.alarms, pack)) section.blocks.push_back(alarm_block(*rule));
  return section;
}

}  // namespace policy::render
