#include "clients/cli/commands.h"
#include "clients/cli/why_text.h"

namespace clients::cli {

namespace {

boost::json::object json_of(const pb::Member& member) {
  return {{"person", base::printable(member.person())},
          {"display_name", base::printable(member.display_name())},
          {"unit", base::printable(member.unit())}};
}

}  // namespace

Word effect_word(std::string_view effect) {
  return effect == "hold" ? Word::kEffectHold : effect == "silent" ? Word::kEffectSilent : Word::kEffectDeliver;
}

std::string why_text(const Screen& screen, const record::Message& message, const pb::WhyAnswer& answer) {
  if (message.mine()) return screen.say(Word::kWhyOwn, short_id(message.conversation(), message.sequence()));
  std::string out =
      screen.say(Word::kWhyEffect, local_time(message.accepted_at_s()), screen.say(effect_word(answer.effect())));
  if (answer.effect() != "deliver")
    out += " " + (answer.readable_from_s() == 0 ? screen.say(Word::kWhyStillHeld)
                                                : screen.say(Word::kWhyReadable, local_time(answer.readable_from_s())));
  const auto& text = screen.language() == Language::kGerman ? answer.text_de() : answer.text_en();
  if (!text.empty()) out += "\n    " + shown(text);
  std::string rules;
  for (const auto& rule : answer.rules()) rules += (rules.empty() ? "" : ", ") + base::printable(rule);
  if (!rules.empty()) out += "\n    " + screen.say(Word::kRules, rules);
  return out;
}

base::Result<pb::WhyAnswer> ask_why(Home& home, const record::Message& message) {
  pb::ClientFrame question;
  if (message.mine()) return pb::WhyAnswer();  // the gate in question is not the asking person's
  question.mutable_why()->set_message_class(static_cast<pb::MessageClass>(message.message_class()));
  question.mutable_why()->set_accepted_at_s(message.accepted_at_s());
  auto answer = home.ask(question);
  if (!answer) return std::unexpected(answer.error());
  return answer->why();
}

Outcome why(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  auto message = (*home)->find_message(options.message);
  if (!message) return std::unexpected(message.error());
  auto answer = ask_why(**home, *message);
  if (!answer) return std::unexpected(answer.error());
  if (message->mine()) {
    screen.put(why_text(screen, *message, *answer),
               {{"message", short_id(message->conversation(), message->sequence())}, {"mine", true}});
    return terminal::kDone;
  }
  boost::json::array rules;
  for (const auto& rule : answer->rules()) rules.emplace_back(base::printable(rule));
  screen.put(why_text(screen, *message, *answer), {{"message", short_id(message->conversation(), message->sequence())},
                                                   {"class", class_name(message->message_class())},
                                                   {"accepted_at", instant_json(message->accepted_at_s())},
                                                   {"effect", base::printable(answer->effect())},
                                                   {"readable_from", instant_json(answer->readable_from_s())},
                                                   {"rules", std::move(rules)},
                                                   {"text_de", answer->text_de()},
                                                   {"text_en", answer->text_en()}});
  return terminal::kDone;
}

Outcome gate(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  pb::ClientFrame question;
  question.mutable_gate();
  auto answer = (*home)->ask(question);
  if (!answer) return std::unexpected(answer.error());
  screen.put(gate_text(screen, answer->gate()), {{"classes", json_of(answer->gate())}});
  return terminal::kDone;
}

Outcome people(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  pb::ClientFrame question;
  question.mutable_search()->set_text(options.text);
  auto answer = (*home)->ask(question);
  if (!answer) return std::unexpected(answer.error());
  for (const auto& person : answer->people().people())
    screen.put(base::printable(person.person()) + "  " + base::printable(person.display_name()) + "  " +
                   base::printable(person.unit()),
               json_of(person));
  if (answer->people().people().empty()) screen.line(screen.say(Word::kNothing));
  return terminal::kDone;
}

Outcome conversations(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  pb::ClientFrame question;
  question.mutable_list();
  auto answer = (*home)->ask(question);
  if (!answer) return std::unexpected(answer.error());
  for (const auto& conversation : answer->conversations().conversations()) {
    boost::json::array members;
    std::string names;
    for (const auto& member : conversation.members()) {
      members.push_back(json_of(member));
      if (member.person() != (*home)->account().person())
        names += (names.empty() ? "" : ", ") + base::printable(member.display_name());
    }
    const auto id = hex(conversation.conversation());
    screen.put(id.substr(0, 8) + "  " + names,
               {{"conversation", id}, {"direct", conversation.direct()}, {"members", std::move(members)}});
  }
  if (answer->conversations().conversations().empty()) screen.line(screen.say(Word::kNothing));
  return terminal::kDone;
}

}  // namespace clients::cli
