#include "clients/cli/message_line.h"

#include <algorithm>
#include <array>

namespace clients::cli {

namespace {

constexpr std::array<std::string_view, 5> kClasses{"?", "routine", "shift-notice", "urgent", "alarm"};

}  // namespace

std::string_view class_name(std::uint32_t message_class) {
  return message_class < kClasses.size() ? kClasses[message_class] : kClasses[0];
}

base::Result<std::uint32_t> class_number(const std::string& name) {
  const auto* const found = std::ranges::find(kClasses, name);
  if (found != kClasses.end() && found != kClasses.begin()) return static_cast<std::uint32_t>(found - kClasses.begin());
  return base::fail("class.unknown", "class '" + base::printable(name) + "'", "routine, shift-notice, urgent, alarm");
}

std::string_view state_name(pb::State state) {
  switch (state) {
    case pb::ACCEPTED: return "accepted";
    case pb::HELD: return "held";
    case pb::DELIVERED: return "delivered";
    case pb::EXPIRED: return "expired";
    case pb::REFUSED: return "refused";
    default: return "unknown";
  }
}

Word state_word(pb::State state) {
  switch (state) {
    case pb::HELD: return Word::kStateHeld;
    case pb::DELIVERED: return Word::kStateDelivered;
    case pb::EXPIRED: return Word::kStateExpired;
    case pb::REFUSED: return Word::kStateRefused;
    default: return Word::kStateAccepted;
  }
}

boost::json::value instant_json(std::int64_t unix_s) {
  if (unix_s == 0) return nullptr;
  return boost::json::value(base::format_instant({unix_s}));
}

std::string text_line(Home& home, const record::Message& message) {
  const auto& screen = home.screen();
  const std::string who =
      message.mine() ? screen.say(Word::kMe) : home.name_of(message.conversation(), message.sender());
  const std::string text =
      message.has_unreadable()
          ? screen.say(Word::kUnreadable, base::printable(screen.in_words(error_of(message.unreadable())).seen, 400))
          : shown(message.text());
  std::string mark;
  if (message.message_class() != pb::ROUTINE) mark = " [" + std::string(class_name(message.message_class())) + "]";
  return screen.dim(short_id(message.conversation(), message.sequence()) + "  " + local_time(message.accepted_at_s())) +
         "  " + screen.bold(who) + mark + ": " + text;
}

boost::json::object json_of(Home& home, const record::Message& message) {
  boost::json::object out{{"message", short_id(message.conversation(), message.sequence())},
                          {"conversation", hex(message.conversation())},
                          {"sequence", message.sequence()},
                          {"class", class_name(message.message_class())},
                          {"mine", message.mine()},
                          {"from", base::printable(message.sender())},
                          {"from_name", home.name_of(message.conversation(), message.sender())},
                          {"accepted_at", instant_json(message.accepted_at_s())},
                          {"received_at", instant_json(message.received_at_s())},
                          {"deadline", instant_json(message.deadline_s())}};
  if (message.has_unreadable()) {
    out["unreadable"] = cli::json_of(message.unreadable());
  } else {
    out["text"] = message.text();
  }
  return out;
}

std::string gate_text(const Screen& screen, const pb::GateReport& gates) {
  std::string out;
  for (const auto& gate : gates.classes()) {
    const auto name = class_name(static_cast<std::uint32_t>(gate.message_class()));
    const std::string until = gate.until_s() == 0 ? screen.say(Word::kUntilUnknown) : local_time(gate.until_s());
    if (!out.empty()) out += "\n";
    if (gate.effect() == "deliver") {
      out += screen.say(Word::kGatePasses, name);
      continue;
    }
    out += screen.say(gate.effect() == "silent" ? Word::kGateSilent : Word::kGateHolds, name, until);
    const auto& text = screen.language() == Language::kGerman ? gate.text_de() : gate.text_en();
    if (!text.empty()) out += "\n    " + shown(text);
  }
  return out;
}

boost::json::array json_of(const pb::GateReport& gates) {
  boost::json::array out;
  for (const auto& gate : gates.classes()) {
    boost::json::array rules;
    for (const auto& rule : gate.rules()) rules.emplace_back(base::printable(rule));
    out.push_back(boost::json::object{{"class", class_name(static_cast<std::uint32_t>(gate.message_class()))},
                                      {"effect", base::printable(gate.effect())},
                                      {"until", instant_json(gate.until_s())},
                                      {"rules", std::move(rules)},
                                      {"text_de", gate.text_de()},
                                      {"text_en", gate.text_en()}});
  }
  return out;
}

}  // namespace clients::cli
