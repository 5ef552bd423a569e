#include "clients/cli/commands.h"
#include "clients/cli/news.h"

namespace clients::cli {

namespace {

constexpr std::int64_t kStep_ms = 1000;
constexpr std::int64_t kForever_ms = INT64_MAX / 2;

boost::json::object event_of(const char* name, boost::json::object rest) {
  boost::json::object out{{"event", name}};
  for (auto& [key, value] : rest) out[key] = std::move(value);
  return out;
}

void tell_trouble(Screen& screen, const core::Driver& driver, std::string& told) {
  const std::string trouble = driver.trouble() ? screen.line_of(*driver.trouble()) : "";
  if (trouble == told) return;
  told = trouble;
  if (!trouble.empty()) screen.note(screen.say(Word::kChatOffline, trouble));
}

}  // namespace

Outcome listen(const Options& options, Screen& screen, Machine& machine) {
  std::int64_t span_ms = kForever_ms;
  if (!options.stop_after.empty()) {
    auto span = base::parse_duration(options.stop_after);
    if (!span) return std::unexpected(span.error());
    span_ms = span->count * 1000;
  }
  auto opened = Home::open(options, screen, machine);
  if (!opened) return std::unexpected(opened.error());
  Home& home = **opened;
  std::size_t seen = 0;
  News::Handlers handlers;
  handlers.on_message = [&](const record::Message& message) {
    ++seen;
    screen.put(text_line(home, message), event_of("message", json_of(home, message)));
  };
  handlers.on_gate = [&](const pb::GateReport& gates) {
    screen.put(screen.dim(gate_text(screen, gates)), event_of("gate", {{"classes", json_of(gates)}}));
  };
  handlers.on_expired = [&](std::uint64_t count) {
    screen.put(screen.say(Word::kExpiredUnread, count), event_of("expired", {{"count", count}}));
  };
  handlers.on_notice = [&](const Notice& notice) { screen.put(notice.text, notice.object); };
  handlers.on_link = [&](bool connected) {
    if (screen.json()) screen.put("", event_of("link", {{"connected", connected}}));
  };
  News news(home, handlers, options.foreground);
  auto driver = home.driver();
  if (!driver) return std::unexpected(driver.error());
  if (home.waits_for_consent()) note_waiting(screen, home.account().waiting_statement());
  std::string told;
  const auto begin_ms = machine.clock.elapsed_ms();
  while (!interrupted() && (options.count == 0 || seen < options.count)) {
    const auto left_ms = span_ms - (machine.clock.elapsed_ms() - begin_ms);
    if (left_ms <= 0) break;
    if (auto status = news.step(std::min(left_ms, kStep_ms)); !status) return std::unexpected(status.error());
    tell_trouble(screen, **driver, told);
  }
  return terminal::kDone;
}

Outcome history(const Options& options, Screen& screen, Machine& machine) {
  auto opened = Home::open(options, screen, machine);
  if (!opened) return std::unexpected(opened.error());
  Home& home = **opened;
  if (auto gone = home.store().expire(machine.clock.now()); !gone) return std::unexpected(gone.error());
  auto known = home.store().conversations();
  if (!known) return std::unexpected(known.error());
  std::vector<record::Message> messages;
  bool found = false;
  for (const auto& conversation : *known) {
    const bool by_id =
        !options.conversation.empty() && hex(conversation.conversation()).starts_with(options.conversation);
    bool with = options.conversation.empty() || by_id;
    for (const auto& member : conversation.members())
      with = with || (conversation.direct() && member.person() == options.conversation);
    if (!with) continue;
    found = true;
    const auto id = base::ConversationId::from_wire(conversation.conversation()).value_or(base::ConversationId{});
    auto some = home.store().history(id, options.limit);
    if (!some) return std::unexpected(some.error());
    std::ranges::move(*some, std::back_inserter(messages));
  }
  if (!found && !options.conversation.empty())
    return base::fail("conversation.unknown", "no conversation with '" + base::printable(options.conversation) + "'",
                      "a person or an id that feierabend conversations shows", "");
  std::ranges::stable_sort(messages, {}, [](const record::Message& message) { return message.accepted_at_s(); });
  if (messages.size() > options.limit)
    messages.erase(messages.begin(), messages.end() - static_cast<std::ptrdiff_t>(options.limit));
  for (const auto& message : messages) {
    screen.put(text_line(home, message), event_of("message", json_of(home, message)));
    if (auto status = home.store().mark_shown(message); !status) return std::unexpected(status.error());
  }
  if (messages.empty()) screen.line(screen.say(Word::kNothing));
  return terminal::kDone;
}

}  // namespace clients::cli
