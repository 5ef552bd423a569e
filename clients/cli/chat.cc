#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <iostream>

#include "clients/cli/commands.h"
#include "clients/cli/markers.h"
#include "clients/cli/news.h"
#include "clients/cli/why_text.h"
#include "clients/terminal/line_editor.h"

namespace clients::cli {

namespace {

constexpr std::int64_t kPatience_ms = 100;
constexpr std::int64_t kFarewell_ms = 10'000;  // off a terminal: for what is still in the outbox when the input ends
constexpr std::size_t kHistoryShown = 20;

// Keys come one by one and unechoed; the terminal is as before afterwards.
class RawTerminal {
 public:
  explicit RawTerminal(bool wanted) {
    if (!wanted || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    on_ = ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
  }
  ~RawTerminal() {
    if (on_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  RawTerminal(const RawTerminal&) = delete;
  bool on() const { return on_; }

 private:
  termios before_{};
  bool on_ = false;
};

class Chat {
 public:
  Chat(Home& home, std::vector<std::string> people, std::string label)
      : home_(home),
        screen_(home.screen()),
        people_(std::move(people)),
        raw_(screen_.interactive()),
        news_(home, handlers(), true),
        label_(std::move(label)) {}

  Outcome run();

 private:
  News::Handlers handlers();
  base::Status find_conversation();
  base::Status show_history();
  base::Status take_input(const std::string& bytes);
  base::Status line(const std::string& text);
  base::Status command(const std::string& text);
  base::Status write(const std::string& text);
  base::Status send_anyway();
  base::Status why(const std::string& number);
  void show(const record::Message& message);
  void print(const std::string& text, const boost::json::object& object = {});
  void draw();
  base::Status wait_for_outbox();

  Home& home_;
  Screen& screen_;
  std::vector<std::string> people_;
  RawTerminal raw_;
  News news_;
  terminal::LineEditor editor_;
  std::string unfinished_;  // off a terminal: the line that has not ended yet
  std::string conversation_;
  std::uint32_t message_class_ = pb::ROUTINE;
  std::string reason_;
  std::uint64_t last_sequence_ = 0;
  std::optional<record::Outgoing> warned_;  // the last one that a warning stopped
  std::string label_;
  bool ended_ = false;
};

News::Handlers Chat::handlers() {
  News::Handlers out;
  out.on_message = [this](const record::Message& message) { show(message); };
  out.on_sent = [this](const record::Message& message) {
    conversation_ = message.conversation();
    show(message);
  };
  out.on_refused = [this](const record::Outgoing& outgoing) {
    const auto error = error_of(outgoing.refused());
    if (raw_.on()) std::cout << terminal::LineEditor::clear() << std::flush;
    if (const auto markers = markers_text(home_, outgoing); !markers.empty()) screen_.note(markers);
    screen_.error(error);
    const auto id = base::ClientMessageId::from_wire(outgoing.client_message_id());
    if (id) (void)home_.store().remove_outgoing(*id);
    if (error.code == "content.warned") {
      warned_ = outgoing;
      screen_.note(screen_.say(Word::kChatSendAnyway));
    }
    draw();
  };
  out.on_expired = [this](std::uint64_t count) {
    print(screen_.say(Word::kExpiredUnread, count), {{"event", "expired"}, {"count", count}});
  };
  out.on_notice = [this](const Notice& notice) { print(notice.text, notice.object); };
  out.on_link = [this](bool connected) {
    if (connected)
      return print(screen_.dim("· " + screen_.say(Word::kChatOnline)), {{"event", "link"}, {"connected", true}});
    const auto driver = home_.driver();
    const std::string why = driver && (*driver)->trouble() ? screen_.in_words(*(*driver)->trouble()).seen : "";
    print(screen_.dim("· " + screen_.say(Word::kChatOffline, why)), {{"event", "link"}, {"connected", false}});
  };
  return out;
}

// Above the prompt; what is being typed stays below.
void Chat::print(const std::string& text, const boost::json::object& object) {
  if (raw_.on()) std::cout << terminal::LineEditor::clear();
  screen_.put(text, object);
  draw();
}

void Chat::draw() {
  if (!raw_.on()) return;
  const std::string mark = message_class_ == pb::ROUTINE ? "" : "[" + std::string(class_name(message_class_)) + "] ";
  std::cout << editor_.draw(mark + "> ") << std::flush;
}

void Chat::show(const record::Message& message) {
  if (!message.mine() || message.sequence() > last_sequence_) last_sequence_ = message.sequence();
  std::string text = text_line(home_, message);
  if (message.mine() && message.later()) text += "  " + screen_.dim("(" + screen_.say(Word::kStateHeld) + ")");
  auto object = json_of(home_, message);
  object["event"] = "message";
  if (message.mine()) object["later"] = message.later();
  print(text, object);
}

base::Status Chat::find_conversation() {
  pb::ClientFrame question;
  for (const auto& person : people_) question.mutable_open()->add_persons(person);
  auto answer = home_.ask(question);
  if (answer) {
    conversation_ = answer->conversation().conversation();
    return {};
  }
  // Offline: the first message opens it.
  return core::is_passing(answer.error().code) ? base::Status{} : base::Status(std::unexpected(answer.error()));
}

base::Status Chat::show_history() {
  const auto id = base::ConversationId::from_wire(conversation_);
  if (!id) return {};
  auto messages = home_.store().history(*id, kHistoryShown);
  if (!messages) return std::unexpected(messages.error());
  for (const auto& message : *messages) {
    show(message);
    if (auto status = home_.store().mark_shown(message); !status) return status;
  }
  return {};
}

base::Status Chat::write(const std::string& text) {
  if (text.size() > core::kTextBytesMax || !core::is_utf8(text)) {
    screen_.error({"call.text", "a text of " + std::to_string(text.size()) + " bytes",
                   "UTF-8, at most " + std::to_string(core::kTextBytesMax) + " bytes", "", ""});
    return {};
  }
  record::Outgoing outgoing;
  for (const auto& person : people_) outgoing.add_persons(person);
  outgoing.set_client_message_id(base::ClientMessageId{home_.machine().random.array<16>()}.wire());
  outgoing.set_message_class(message_class_);
  outgoing.set_reason(reason_);
  outgoing.set_label(label_);
  outgoing.set_text(text);
  outgoing.set_created_at_s(home_.machine().clock.now().unix_s);
  return home_.store().enqueue(outgoing);
}

base::Status Chat::send_anyway() {
  if (!warned_) return print(screen_.say(Word::kNothing), {{"event", "send-anyway"}, {"found", false}}), base::Status{};
  record::Outgoing outgoing = *std::exchange(warned_, std::nullopt);
  outgoing.clear_refused();
  outgoing.clear_markers();
  outgoing.set_confirmed(true);
  return home_.store().enqueue(outgoing);
}

base::Status Chat::why(const std::string& number) {
  std::uint64_t sequence = last_sequence_;
  if (!number.empty()) std::from_chars(number.data(), number.data() + number.size(), sequence);
  const auto id = base::ConversationId::from_wire(conversation_);
  auto message = id ? home_.store().message(*id, sequence) : base::Result<std::optional<record::Message>>(std::nullopt);
  if (!message) return std::unexpected(message.error());
  if (!*message) return print(screen_.say(Word::kNothing), {{"event", "why"}, {"found", false}}), base::Status{};
  auto answer = ask_why(home_, **message);
  if (!answer) return screen_.error(answer.error()), base::Status{};
  print(why_text(screen_, **message, *answer), {{"event", "why"},
                                                {"effect", base::printable(answer->effect())},
                                                {"text_de", answer->text_de()},
                                                {"text_en", answer->text_en()}});
  return {};
}

base::Status Chat::command(const std::string& text) {
  const auto space = text.find(' ');
  const std::string name = text.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : text.substr(space + 1);
  if (name == "/quit") return ended_ = true, base::Status{};
  if (name == "/why") return why(rest);
  if (name == "/send") return send_anyway();
  if (name == "/help") return print(screen_.say(Word::kChatHelp), {{"event", "help"}}), base::Status{};
  if (name == "/class") {
    const auto cut = rest.find(' ');
    const auto number = class_number(rest.substr(0, cut));
    if (!number) return screen_.error(number.error()), draw(), base::Status{};
    message_class_ = *number;
    reason_ = cut == std::string::npos ? "" : rest.substr(cut + 1);
    return print(screen_.say(Word::kChatClass, rest), {{"event", "class"}, {"class", class_name(message_class_)}}),
           base::Status{};
  }
  return print(screen_.say(Word::kChatUnknown, base::printable(name)), {{"event", "unknown"}}), base::Status{};
}

base::Status Chat::line(const std::string& text) {
  if (raw_.on()) std::cout << terminal::LineEditor::clear() << std::flush;
  if (text.empty()) return draw(), base::Status{};
  if (text.starts_with('/')) return command(text);
  auto kept = write(text);
  if (kept && raw_.on())
    print(screen_.dim(screen_.say(Word::kMe) + ": " + shown(text) + "  " + screen_.say(Word::kChatSending)));
  return kept;
}

base::Status Chat::take_input(const std::string& bytes) {
  std::vector<std::string> lines;
  if (raw_.on()) {
    auto typed = editor_.feed(bytes);
    ended_ = ended_ || typed.end;
    lines = std::move(typed.lines);
    draw();
  } else {
    unfinished_ += bytes;
    for (auto end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n')) {
      lines.push_back(unfinished_.substr(0, end));
      unfinished_.erase(0, end + 1);
    }
    if (bytes.empty() || unfinished_.size() > terminal::kLineBytesMax) lines.push_back(std::exchange(unfinished_, {}));
  }
  for (const auto& one : lines)
    if (auto status = line(one); !status) return status;
  return {};
}

// Sends what was written before the input ended.
base::Status Chat::wait_for_outbox() {
  const auto until_ms = home_.machine().clock.elapsed_ms() + kFarewell_ms;
  while (home_.machine().clock.elapsed_ms() < until_ms && !interrupted()) {
    auto outbox = home_.store().outbox();
    if (!outbox) return std::unexpected(outbox.error());
    if (std::ranges::all_of(*outbox, [](const auto& one) { return one.has_refused(); })) return {};
    if (auto status = news_.step(kPatience_ms); !status) return status;
  }
  return base::fail("stream.timeout", "messages still in the outbox", "", "they go with the next send, listen or chat");
}

Outcome Chat::run() {
  std::string names;
  for (const auto& person : people_) names += (names.empty() ? "" : ", ") + base::printable(person);
  if (auto status = find_conversation(); !status) return std::unexpected(status.error());
  screen_.line(screen_.dim(screen_.say(Word::kChatWith, names)));
  if (auto status = show_history(); !status) return std::unexpected(status.error());
  draw();
  while (!ended_ && !interrupted()) {
    auto driver = home_.driver();
    if (!driver) return std::unexpected(driver.error());
    pollfd ready[2] = {{STDIN_FILENO, POLLIN, 0}, {(*driver)->ready_fd(), POLLIN, 0}};
    ::poll(ready, 2, static_cast<int>(kPatience_ms));
    if ((ready[0].revents & (POLLIN | POLLHUP)) != 0) {
      char bytes[4096];
      const auto size = ::read(STDIN_FILENO, bytes, sizeof bytes);
      const std::string got(bytes, size > 0 ? static_cast<std::size_t>(size) : 0);
      if (auto status = take_input(got); !status) return std::unexpected(status.error());
      ended_ = ended_ || size <= 0;
    }
    if (auto status = news_.step(0); !status) return std::unexpected(status.error());
  }
  if (raw_.on()) std::cout << terminal::LineEditor::clear() << std::flush;
  if (auto status = wait_for_outbox(); !status) return std::unexpected(status.error());
  return terminal::kDone;
}

}  // namespace

Outcome chat(const Options& options, Screen& screen, Machine& machine) {
  auto home = Home::open(options, screen, machine);
  if (!home) return std::unexpected(home.error());
  return Chat(**home, options.words, options.label).run();
}

}  // namespace clients::cli
