#include <unistd.h>

#include <iostream>
#include <iterator>

#include "clients/cli/commands.h"
#include "clients/cli/markers.h"
#include "clients/cli/message_line.h"

namespace clients::cli {

namespace {

constexpr std::int64_t kStep_ms = 100;
constexpr std::int64_t kStatusEvery_ms = 1000;

// "send PERSON… TEXT", "send PERSON… -", "send PERSON" with the text on stdin, "send --conversation ID TEXT".
base::Result<record::Outgoing> compose(const Options& options, Machine& machine) {
  record::Outgoing outgoing;
  std::vector<std::string> words = options.words;
  const std::size_t people_min = options.conversation.empty() ? 1 : 0;
  std::string text = "-";
  if (words.size() > people_min) {
    text = words.back();
    words.pop_back();
  }
  if (words.empty() && options.conversation.empty())
    return base::fail("call.people", "nobody to send to", "send PERSON… TEXT");
  if (!words.empty() && !options.conversation.empty())
    return base::fail("call.people", "people as well as a conversation", "one of the two");
  if (text == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    while (text.ends_with('\n')) text.pop_back();
  }
  if (text.empty() || text.size() > core::kTextBytesMax)
    return base::fail("call.text", "a text of " + std::to_string(text.size()) + " bytes",
                      "1 to " + std::to_string(core::kTextBytesMax) + " bytes", "send it in parts");
  if (!core::is_utf8(text)) return base::fail("call.text", "a text that is not UTF-8", "UTF-8", "convert it first");
  auto number = class_number(options.message_class);
  if (!number) return std::unexpected(number.error());
  if (!options.expire.empty()) {
    auto lifetime = base::parse_duration(options.expire);
    if (!lifetime) return std::unexpected(lifetime.error());
    outgoing.set_lifetime_s(lifetime->count);
  }
  for (const auto& person : words) outgoing.add_persons(person);
  outgoing.set_client_message_id(base::ClientMessageId{machine.random.array<16>()}.wire());
  outgoing.set_message_class(*number);
  outgoing.set_reason(options.reason);
  outgoing.set_label(options.label);
  outgoing.set_confirmed(options.send_anyway);
  outgoing.set_text(text);
  outgoing.set_created_at_s(machine.clock.now().unix_s);
  return outgoing;
}

boost::json::object json_of_sent(Home& home, const record::Message& message) {
  auto out = json_of(home, message);
  out.erase("text");
  out["state"] = "accepted";
  out["later"] = message.later();
  out["client_message_id"] = hex(message.client_message_id());
  return out;
}

void show_sent(Home& home, const record::Message& message) {
  auto& screen = home.screen();
  const auto id = short_id(message.conversation(), message.sequence());
  screen.put(screen.say(message.later() ? Word::kAcceptedLater : Word::kAccepted, id, local_time(message.deadline_s())),
             json_of_sent(home, message));
}

base::Result<pb::State> state_of(Home& home, const record::Message& message) {
  pb::ClientFrame question;
  question.mutable_status()->set_conversation(message.conversation());
  question.mutable_status()->set_sequence(message.sequence());
  auto answer = home.ask(question);
  if (!answer) return std::unexpected(answer.error());
  return answer->status().state();
}

void show_state(Home& home, const record::Message& message, pb::State state) {
  auto& screen = home.screen();
  const auto id = short_id(message.conversation(), message.sequence());
  screen.put(id + "  " + screen.say(state_word(state)), {{"message", id}, {"state", state_name(state)}});
}

// Until everybody has it, its deadline has passed, or somebody interrupts.
Outcome wait_for_delivery(Home& home, const record::Message& message) {
  const Progress progress(home.screen(), home.screen().say(Word::kWaitingForDelivery));
  while (!interrupted()) {
    auto state = state_of(home, message);
    if (!state) return std::unexpected(state.error());
    if (*state == pb::DELIVERED || *state == pb::EXPIRED || *state == pb::REFUSED) {
      show_state(home, message, *state);
      return *state == pb::DELIVERED ? terminal::kDone : terminal::kTryAgain;
    }
    nap(kStatusEvery_ms);
  }
  return terminal::kTryAgain;
}

Outcome queued(Home& home, const record::Outgoing& outgoing, const std::optional<base::Error>& trouble) {
  auto& screen = home.screen();
  boost::json::object out{{"state", "queued"}, {"client_message_id", hex(outgoing.client_message_id())}};
  if (trouble) out["trouble"] = cli::json_of(*trouble);
  if (home.waits_for_consent()) note_waiting(screen, home.account().waiting_statement());
  screen.put(screen.say(Word::kQueued, trouble ? screen.line_of(*trouble) : ""), out);
  return terminal::kTryAgain;
}

int refused(Home& home, const record::Outgoing& outgoing) {
  auto& screen = home.screen();
  const auto why = error_of(outgoing.refused());
  if (screen.json()) {
    boost::json::object out{
        {"state", "refused"}, {"client_message_id", hex(outgoing.client_message_id())}, {"error", cli::json_of(why)}};
    if (!outgoing.markers().empty()) out["markers"] = markers_json(home, outgoing);
    screen.put("", out);
  } else {
    if (const auto markers = markers_text(home, outgoing); !markers.empty()) screen.note(markers);
    screen.error(why);
  }
  const int code = terminal::exit_code_of(why.code);
  return code == terminal::kSoftware ? static_cast<int>(terminal::kRefused)
                                     : code;  // a rule that this version has no area for
}

Outcome push(Home& home, const record::Outgoing& outgoing, std::int64_t timeout_ms, bool wait);

// A warning is the person's to answer, where there is one; then it goes through the same way again.
Outcome objected(Home& home, record::Outgoing outgoing, std::int64_t timeout_ms, bool wait) {
  auto& screen = home.screen();
  if (outgoing.refused().code() != "content.warned" || !screen.interactive() || screen.json())
    return refused(home, outgoing);
  screen.note(markers_text(home, outgoing));
  const auto answer = screen.ask(screen.say(Word::kAskSendAnyway), "", "--yes-send-anyway", false);
  if (!answer || !is_yes(*answer)) return refused(home, outgoing);
  outgoing.clear_refused();
  outgoing.clear_markers();
  outgoing.set_confirmed(true);
  if (auto kept = home.store().enqueue(outgoing); !kept) return std::unexpected(kept.error());
  return push(home, outgoing, timeout_ms, wait);
}

// Until the server has accepted or refused it, or the time is over.
Outcome push(Home& home, const record::Outgoing& outgoing, std::int64_t timeout_ms, bool wait) {
  auto driver = home.driver();
  if (!driver) return std::unexpected(driver.error());
  const auto id = base::ClientMessageId::from_wire(outgoing.client_message_id()).value_or(base::ClientMessageId{});
  const auto& clock = home.machine().clock;
  const auto until_ms = clock.elapsed_ms() + timeout_ms;
  {
    const Progress progress(home.screen(),
                            home.screen().say(Word::kConnecting, base::printable(home.account().server())));
    while (clock.elapsed_ms() < until_ms && !interrupted()) {
      auto events = (*driver)->step(kStep_ms);
      if (!events) return std::unexpected(home.heed(events.error()));
      for (const auto& event : *events)
        if (const auto notice = home.notice(event)) home.screen().note(notice->text);
      auto sent = home.store().sent_message(id);
      if (!sent) return std::unexpected(sent.error());
      if (*sent) {
        show_sent(home, **sent);
        return wait ? wait_for_delivery(home, **sent) : Outcome(terminal::kDone);
      }
      auto waiting = home.store().outgoing(id);
      if (!waiting) return std::unexpected(waiting.error());
      if (!*waiting || !(*waiting)->has_refused()) continue;
      if (auto removed = home.store().remove_outgoing(id); !removed) return std::unexpected(removed.error());
      return objected(home, **waiting, until_ms - clock.elapsed_ms(), wait);
    }
  }
  return queued(home, outgoing, (*driver)->trouble());
}

}  // namespace

Outcome send(const Options& options, Screen& screen, Machine& machine) {
  auto timeout = base::parse_duration(options.timeout);
  if (!timeout) return std::unexpected(timeout.error());
  auto outgoing = compose(options, machine);
  if (!outgoing) return std::unexpected(outgoing.error());
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  if (!options.conversation.empty()) {
    auto conversation = (*home)->find_conversation(options.conversation);
    if (!conversation) return std::unexpected(conversation.error());
    outgoing->set_conversation(conversation->conversation());
  }
  if (auto kept = (*home)->store().enqueue(*outgoing); !kept) return std::unexpected(kept.error());
  return push(**home, *outgoing, timeout->count * 1000, options.wait);
}

Outcome status(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  auto message = (*home)->find_message(options.message);
  if (!message) return std::unexpected(message.error());
  auto state = state_of(**home, *message);
  if (!state) return std::unexpected(state.error());
  show_state(**home, *message, *state);
  return terminal::kDone;
}

}  // namespace clients::cli
