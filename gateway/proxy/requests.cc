// What a device may ask over its stream, one function a request.
#include <algorithm>

#include "gateway/proxy/content.h"
#include "gateway/proxy/conversations.h"
#include "gateway/proxy/exchange.h"
#include "policy/explain/explain.h"

namespace gateway::proxy {
namespace {

using policy::base::ConversationId;
using policy::base::Error;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;
using policy::model::Effect;
using policy::model::MessageClass;

constexpr std::size_t kRoomsMax = 100'000;
constexpr int kSearchAnswersMax = 20;
constexpr std::size_t kSearchBytesMin = 2;
constexpr std::size_t kSearchBytesMax = 64;
constexpr int kReadableStepsMax = 4096;
constexpr std::size_t kFrameSpareBytes = 64;  // for the request number

bool speaks_in_a_group(const pb::ClientFrame& frame) {
  switch (frame.body_case()) {
    case pb::ClientFrame::kSend:
    case pb::ClientFrame::kStartGroup:
    case pb::ClientFrame::kCommit:
    case pb::ClientFrame::kPropose:
    case pb::ClientFrame::kGroup:
    case pb::ClientFrame::kFetch: return true;
    default: return false;
  }
}

bool is_for_waiting(const pb::ClientFrame& frame) {
  switch (frame.body_case()) {
    case pb::ClientFrame::kPublish:
    case pb::ClientFrame::kGate:
    case pb::ClientFrame::kContent:
    case pb::ClientFrame::kForeground: return true;
    default: return false;
  }
}

std::string folded(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace

void Exchange::reply(Stream& stream, std::uint64_t request, pb::ServerFrame frame) {
  if (stream.requests > 0) --stream.requests;
  frame.set_request(request);
  stream.send(frame);
}

void Exchange::refuse(Stream& stream, std::uint64_t request, const Error& error) {
  if (stream.requests > 0) --stream.requests;
  stream.answer(request, error);
}

void Exchange::on_frame(Stream& stream, pb::ClientFrame frame) {
  if (frame.body_case() == pb::ClientFrame::kAck) return stream.waiting ? void() : on_ack(stream, frame.ack());
  if (stream.requests >= Stream::kRequestsMax) {
    return stream.answer(frame.request(),
                         {"rate.requests", "more than " + std::to_string(Stream::kRequestsMax) + " unanswered requests",
                          "", "wait for answers", ""});
  }
  ++stream.requests;
  const std::uint64_t request = frame.request();
  if (stream.waiting && !is_for_waiting(frame)) return refuse(stream, request, device::waiting_error());
  // Who writes while the own gate is closed has to know the group as it is.
  if (speaks_in_a_group(frame) && pass_handshakes(stream)) subscribe(stream);
  switch (frame.body_case()) {
    case pb::ClientFrame::kOpen: return on_open(stream, request, frame.open());
    case pb::ClientFrame::kSearch: return on_search(stream, request, frame.search());
    case pb::ClientFrame::kSend: return on_send(stream, request, std::move(*frame.mutable_send()));
    case pb::ClientFrame::kWhy: return on_why(stream, request, frame.why());
    case pb::ClientFrame::kStatus: return on_status(stream, request, frame.status());
    case pb::ClientFrame::kList: return on_list(stream, request);
    case pb::ClientFrame::kContent: return on_content(stream, request);
    case pb::ClientFrame::kStartGroup: return on_start_group(stream, request, frame.start_group());
    case pb::ClientFrame::kCommit: return on_commit(stream, request, std::move(*frame.mutable_commit()));
    case pb::ClientFrame::kPropose: return on_propose(stream, request, std::move(*frame.mutable_propose()));
    case pb::ClientFrame::kGroup: return on_group(stream, request, frame.group());
    case pb::ClientFrame::kPublish: return on_publish(stream, request, frame.publish());
    case pb::ClientFrame::kFetch: return on_fetch(stream, request, frame.fetch());
    case pb::ClientFrame::kForeground: return on_foreground(stream, request, frame.foreground().open());
    default: break;
  }
  pb::ServerFrame answer;
  *answer.mutable_gate() = report(stream.presence->person);
  reply(stream, request, std::move(answer));
}

void Exchange::remember(const std::string& conversation, Room room) {
  if (rooms_.size() >= kRoomsMax) rooms_.clear();
  rooms_.insert_or_assign(conversation, std::move(room));
}

void Exchange::on_open(Stream& stream, std::uint64_t request, const pb::Open& open) {
  services_.workers.submit(
      loop_, [this, person = stream.presence->person, open] { return open_conversation(services_, person, open); },
      [this, weak = stream.weak_from_this(), request](Result<Opened> opened) {
        const auto live = weak.lock();
        if (!live || live->ended) return;
        if (!opened) return refuse(*live, request, opened.error());
        remember(opened->conversation.conversation(), {std::move(opened->members)});
        link_.create(opened->at_relay,
                     [this, weak, request, conversation = std::move(opened->conversation)](Status created) {
                       const auto still = weak.lock();
                       if (!still || still->ended) return;
                       if (!created) return refuse(*still, request, created.error());
                       pb::ServerFrame frame;
                       *frame.mutable_conversation() = conversation;
                       reply(*still, request, std::move(frame));
                     });
      });
}

void Exchange::on_search(Stream& stream, std::uint64_t request, const pb::Search& search) {
  if (search.text().size() < kSearchBytesMin || search.text().size() > kSearchBytesMax) {
    return refuse(stream, request,
                  {"person.search", "a search of " + std::to_string(search.text().size()) + " bytes", "2 to 64 bytes",
                   "type more of the name", ""});
  }
  if (++stream.searches > Stream::kSearchesPerMinuteMax) {
    return refuse(stream, request, {"rate.searches", "more than 30 searches in a minute", "30", "wait a minute", ""});
  }
  const auto people = services_.people.load();
  const std::string wanted = folded(search.text());
  pb::ServerFrame frame;
  auto* const out = frame.mutable_people();
  for (const auto& person : people->people) {
    if (out->people_size() == kSearchAnswersMax) break;
    if (folded(person.id).find(wanted) == std::string::npos &&
        folded(person.display_name).find(wanted) == std::string::npos)
      continue;
    describe_person(person, *out->add_people());
  }
  reply(stream, request, std::move(frame));
}

void Exchange::with_room(Stream& stream, std::uint64_t request, const std::string& conversation,
                         std::function<void(Stream&, const Room&)> then) {
  const auto is_member = [](const Room& room, const std::string& person) {
    return std::ranges::binary_search(room.members, person);
  };
  if (const auto cached = rooms_.find(conversation); cached != rooms_.end()) {
    if (!is_member(cached->second, stream.presence->person)) return refuse(stream, request, unknown_conversation());
    return then(stream, cached->second);
  }
  services_.workers.submit(
      loop_,
      [this, conversation] {
        return services_.store.conversation(ConversationId::from_wire(conversation).value_or(ConversationId{}));
      },
      [this, weak = stream.weak_from_this(), request, conversation, is_member,
       then = std::move(then)](Result<std::optional<store::Conversation>> found) {
        const auto live = weak.lock();
        if (!live || live->ended) return;
        if (!found) return refuse(*live, request, found.error());
        if (!*found) return refuse(*live, request, unknown_conversation());
        Room room{std::move((*found)->members)};
        if (!is_member(room, live->presence->person)) return refuse(*live, request, unknown_conversation());
        remember(conversation, room);
        then(*live, room);
      });
}

void Exchange::on_why(Stream& stream, std::uint64_t request, const pb::Why& why) {
  if (!is_for_people(why.message_class()))
    return refuse(
        stream, request,
        {"wire.class", "a class that no rule speaks of", "1 routine, 2 shift-notice, 3 urgent, 4 alarm", "", ""});
  const std::string& person = stream.presence->person;
  const MessageClass message_class = class_of(why.message_class());
  const Instant accepted{why.accepted_at_s()};
  const auto decision = gates_.decide(person, message_class, accepted);
  auto later = decision;
  Instant readable = accepted;
  for (int step = 0;
       later.effect != Effect::kDeliver && later.until < policy::base::kEndOfTime && step < kReadableStepsMax; ++step) {
    readable = later.until;
    later = gates_.decide(person, message_class, readable);
  }
  pb::ServerFrame frame;
  auto* const answer = frame.mutable_why();
  answer->set_effect(std::string(policy::model::name_of(decision.effect)));
  if (later.effect == Effect::kDeliver) answer->set_readable_from_s(readable.unix_s);
  for (const auto& rule : decision.rules) answer->add_rules(rule);
  if (const auto* const facts = gates_.facts(person)) {
    const auto& rules = *gates_.world().rules;
    answer->set_text_de(
        policy::explain::explain(rules, *facts, message_class, accepted, decision, policy::explain::Language::kGerman));
    answer->set_text_en(policy::explain::explain(rules, *facts, message_class, accepted, decision,
                                                 policy::explain::Language::kEnglish));
  }
  reply(stream, request, std::move(frame));
}

void Exchange::on_content(Stream& stream, std::uint64_t request) {
  pb::ServerFrame frame;
  *frame.mutable_content() = describe_content(*gates_.world().rules);
  if (frame.ByteSizeLong() > relay::wire::kFrameBytesMax - kFrameSpareBytes)
    return refuse(stream, request,
                  {"content.too-large", "content rules that fit into no frame",
                   "at most " + std::to_string(relay::wire::kFrameBytesMax) + " bytes", "tell your administrator", ""});
  reply(stream, request, std::move(frame));
}

void Exchange::on_status(Stream& stream, std::uint64_t request, const pb::StatusQuery& query) {
  with_room(stream, request, query.conversation(), [this, request, query](Stream& live, const Room&) {
    pb::RelayStatusQuery at_relay;
    at_relay.set_conversation(query.conversation());
    at_relay.set_sequence(query.sequence());
    at_relay.set_sender_mailbox(live.mailbox().wire());
    link_.status(at_relay, [this, weak = live.weak_from_this(), request](const Result<pb::RelayStatus>& status) {
      const auto still = weak.lock();
      if (!still || still->ended) return;
      if (!status) return refuse(*still, request, status.error());
      pb::ServerFrame frame;
      frame.mutable_status()->set_state(status->state());
      reply(*still, request, std::move(frame));
    });
  });
}

void Exchange::on_list(Stream& stream, std::uint64_t request) {
  const auto list = [this, person = stream.presence->person] { return conversations_of(services_, person); };
  services_.workers.submit(loop_, list,
                           [this, weak = stream.weak_from_this(), request](Result<pb::Conversations> conversations) {
                             const auto live = weak.lock();
                             if (!live || live->ended) return;
                             if (!conversations) return refuse(*live, request, conversations.error());
                             pb::ServerFrame frame;
                             *frame.mutable_conversations() = std::move(*conversations);
                             reply(*live, request, std::move(frame));
                           });
}

void Exchange::on_foreground(Stream& stream, std::uint64_t request, bool open) {
  stream.foreground = open;
  subscribe(stream);
  pb::ServerFrame frame;
  frame.mutable_done();
  reply(stream, request, std::move(frame));
}

}  // namespace gateway::proxy
