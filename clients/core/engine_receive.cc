// The engine's part between delivery and store.
#include <algorithm>
#include <utility>

#include "clients/core/engine.h"

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;

namespace {

pb::ClientFrame acknowledgement(const pb::StoredEnvelope& stored) {
  pb::ClientFrame frame;
  auto& ack = *frame.mutable_ack();
  ack.set_conversation(stored.envelope().conversation());
  ack.set_message_class(stored.envelope().message_class());
  ack.set_sequence(stored.sequence());
  return frame;
}

const base::Error kSenderUnknown{"cipher.sender-unknown", "a message of a device that is not one of its sender's",
                                 "devices that the conversation's members have", "ask the sender to send it again", ""};

}  // namespace

base::Status Engine::on_delivery(const pb::Delivery& delivery, Output& out) {
  const auto& envelope = delivery.stored().envelope();
  const auto conversation = ConversationId::from_wire(envelope.conversation());
  if (!conversation)
    return base::fail("wire.id-size", "a delivery without a conversation", "16 bytes", "connect again");
  if (parked_count_ >= kParkedMax)
    return base::fail("stream.lost", "more deliveries than the server may send without acknowledgement",
                      std::to_string(kParkedMax), "connect again");
  auto& talk = talks_[*conversation];
  (envelope.kind() == pb::APPLICATION ? talk.messages : talk.handshakes).push_back(delivery);
  ++parked_count_;
  delivered_at_ms_ = clock_.elapsed_ms();
  return work(*conversation, out);
}

void Engine::ask_keys(const ConversationId& conversation, Talk& talk, Output& out) {
  talk.opening = true;
  pb::ClientFrame frame;
  frame.mutable_open()->set_conversation(conversation.wire());
  for (const auto& device : talk.name(kCertifyMax)) frame.mutable_open()->add_devices(device.wire());
  send(std::move(frame), KeysOf{conversation}, out);
}

base::Status Engine::on_keys(const pb::ServerFrame& frame, const ConversationId& conversation, Output& out) {
  if (frame.has_problem() && is_passing(frame.problem().code()))
    return base::fail("stream.lost", "the server could not name the sender's keys", "", "connect again");
  auto& talk = talks_[conversation];
  talk.opening = false;
  talk.asked = true;
  if (frame.has_conversation() && frame.conversation().conversation() == conversation.wire()) {
    talk.judge_anew();
    talk.leave_out_nobody();
    if (auto status = learn(frame.conversation(), out); !status) return status;
    talk.roster = frame.conversation();
  }
  return work(conversation, out);
}

base::Status Engine::take_handshakes(const ConversationId& conversation, Talk& talk, Output& out) {
  while (!talk.handshakes.empty() && !talk.opening) {
    if (talk.unproven_since_ms && clock_.elapsed_ms() < talk.ask_again_ms && !talk.asked) return {};
    auto look = take_handshake(conversation, talk, talk.handshakes.front());
    if (!look) return std::unexpected(look.error());
    if (*look == Look::kWaits) return {};
    if (*look == Look::kStranger) return ask_keys(conversation, talk, out), Status();
    out.frames.push_back(acknowledgement(talk.handshakes.front().stored()));
    talk.handshakes.pop_front();
    talk.asked = false;
    talk.named.clear();
    talk.unproven_since_ms.reset();
    --parked_count_;
  }
  return {};
}

base::Result<Engine::Look> Engine::take_handshake(const ConversationId& conversation, Talk& talk,
                                                  const pb::Delivery& delivery) {
  const auto& envelope = delivery.stored().envelope();
  if (envelope.sender_device() == self_.device.wire()) return take_own(conversation, talk, delivery);
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  const bool has_group = *group != nullptr;
  // Whether the group that they change is the staged one shows with its answer: acknowledged now, they would be
  // missing.
  if (envelope.kind() != pb::WELCOME && !has_group && talk.staged) return Look::kWaits;
  // Somebody goes on without us: a new device, or one that lost its group. A Welcome may still follow.
  if (envelope.kind() == pb::COMMIT && !has_group) return lose(talk), Look::kDone;
  const auto bytes = base::as_bytes(envelope.ciphertext());
  auto done = envelope.kind() == pb::WELCOME ? groups_.join(conversation, bytes) : groups_.take(conversation, bytes);
  if (!done) return std::unexpected(done.error());
  const auto look = heed(talk, *done, envelope.kind(), has_group);
  if (look == Look::kDone)
    if (auto status = mind_pending(conversation, talk); !status) return std::unexpected(status.error());
  return look;
}

// Our own commit comes back: another sign that the service has accepted it.
base::Result<Engine::Look> Engine::take_own(const ConversationId& conversation, Talk& talk,
                                            const pb::Delivery& delivery) {
  const auto& envelope = delivery.stored().envelope();
  if (envelope.kind() != pb::COMMIT || !talk.staged) return Look::kDone;
  auto staged = store_.staged(conversation);
  if (!staged) return std::unexpected(staged.error());
  pb::ClientFrame frame;
  if (!*staged || !frame.ParseFromString((*staged)->frame())) return Look::kDone;
  if (frame.commit().client_message_id() != envelope.client_message_id()) return Look::kDone;
  if (auto status = groups_.adopt(conversation); !status) return std::unexpected(status.error());
  found(talk);
  return Look::kDone;
}

bool Engine::waits_for_proof(Talk& talk) const {
  const auto now_ms = clock_.elapsed_ms();
  if (!talk.unproven_since_ms) talk.unproven_since_ms = now_ms;
  if (now_ms - *talk.unproven_since_ms >= kUnprovenPatience_ms) return false;
  talk.asked = false;
  talk.ask_again_ms = now_ms + kUnprovenAgain_ms;
  return true;
}

Engine::Look Engine::heed(Talk& talk, const groups::Handshake& done, pb::Kind kind, bool has_group) {
  using groups::Verdict;
  switch (done.verdict) {
    case Verdict::kTaken:
      // A proposal leaves the epoch as it is, and with it whatever is staged.
      if (kind != pb::PROPOSAL) found(talk);
      return Look::kDone;
    case Verdict::kPassed: return Look::kDone;
    case Verdict::kOut: return found(talk), Look::kDone;
    case Verdict::kAhead:
      if (!talk.staged) lose(talk);
      return Look::kWaits;
    case Verdict::kStranger:
      if (!talk.asked || talk.has_unnamed(done.unknown)) return talk.unknown = done.unknown, Look::kStranger;
      if (talk.certifying() || (done.unproven && waits_for_proof(talk))) return Look::kWaits;
      [[fallthrough]];
    case Verdict::kRefused:
      if (kind == pb::COMMIT || (kind == pb::WELCOME && !has_group)) {
        lose(talk);
        talk.stuck = true;
      }
      return Look::kDone;
  }
  return Look::kDone;
}

base::Status Engine::take_messages(const ConversationId& conversation, Talk& talk, Output& out) {
  while (!talk.messages.empty() && !talk.opening) {
    auto look = take_message(conversation, talk, talk.messages.front(), out);
    if (!look) return std::unexpected(look.error());
    if (*look == Look::kWaits) return {};
    if (*look == Look::kStranger) return ask_keys(conversation, talk, out), Status();
    out.frames.push_back(acknowledgement(talk.messages.front().stored()));
    talk.messages.pop_front();
    talk.asked = false;
    talk.named.clear();
    talk.suspects -= talk.suspects > 0 ? 1 : 0;
    talk.judged -= talk.judged > 0 ? 1 : 0;
    --parked_count_;
  }
  return {};
}

base::Result<Engine::Look> Engine::take_message(const ConversationId& conversation, Talk& talk,
                                                const pb::Delivery& delivery, Output& out) {
  record::Message message = frame_of(delivery);
  if (message.sender_device() == self_.device.wire()) return Look::kDone;
  auto repeat = store_.holds(message);
  if (!repeat) return std::unexpected(repeat.error());
  if (*repeat) return Look::kDone;
  auto ready = ready_to_open(conversation, talk, delivery.stored().envelope());
  if (!ready || *ready != Look::kDone) return ready;
  bool opened = false;
  auto trouble = read(conversation, talk, delivery, message, opened);
  if (!trouble) return std::unexpected(trouble.error());
  if (*trouble) set_trouble(*message.mutable_unreadable(), **trouble);
  const auto keys = opened ? groups_.keys(conversation) : mls::SecretBytes();
  auto fresh = store_.add_incoming(message, opened ? std::optional(keys.view()) : std::nullopt);
  if (!fresh) return std::unexpected(fresh.error());
  if (*fresh) out.events.emplace_back(Received{std::move(message)});
  return Look::kDone;
}

// The sender's keys, who is in the conversation (without which nobody could answer), and the group of that epoch.
base::Result<Engine::Look> Engine::ready_to_open(const ConversationId& conversation, Talk& talk,
                                                 const pb::Envelope& envelope) {
  const auto device = base::DeviceId::from_wire(envelope.sender_device());
  if (!device) return Look::kDone;
  auto pinned = store_.pinned(*device);
  if (!pinned) return std::unexpected(pinned.error());
  auto known = store_.conversation(conversation);
  if (!known) return std::unexpected(known.error());
  if (!*pinned || !*known) {
    if (talk.asked && talk.named.contains(*device)) return Look::kDone;
    return talk.unknown = {*device}, Look::kStranger;
  }
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  if (*group == nullptr) {
    if (talk.hopeless) return Look::kDone;
    lose(talk);
    return Look::kWaits;
  }
  const auto epoch = groups::epoch_of(base::as_bytes(envelope.ciphertext()));
  if (!epoch || *epoch <= (*group)->epoch() || talk.judged > 0) return Look::kDone;
  if (!talk.staged) lose(talk);
  return Look::kWaits;
}

record::Message Engine::frame_of(const pb::Delivery& delivery) const {
  const auto& envelope = delivery.stored().envelope();
  record::Message message;
  message.set_conversation(envelope.conversation());
  message.set_sequence(delivery.stored().sequence());
  message.set_message_class(static_cast<std::uint32_t>(envelope.message_class()));
  message.set_sender(delivery.sender());
  message.set_mine(delivery.sender() == self_.person);
  message.set_sender_device(envelope.sender_device());
  message.set_accepted_at_s(delivery.stored().accepted_at_s());
  message.set_deadline_s(envelope.deadline_s());
  message.set_received_at_s(clock_.now().unix_s);
  return message;
}

// Fills in the text, or says why there is none. Fails only when the store does.
base::Result<std::optional<base::Error>> Engine::read(const ConversationId& conversation, const Talk& talk,
                                                      const pb::Delivery& delivery, record::Message& message,
                                                      bool& opened) {
  const auto& envelope = delivery.stored().envelope();
  const auto device = base::DeviceId::from_wire(envelope.sender_device());
  if (!device) return base::Error{"cipher.sender-unknown", "a message without a sending device", "", "", ""};
  auto pinned = store_.pinned(*device);
  if (!pinned) return std::unexpected(pinned.error());
  if (!*pinned || (*pinned)->person() != delivery.sender()) return kSenderUnknown;
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  if (*group == nullptr && talk.hopeless) return talk.hopeless;
  auto content = groups_.open(conversation, base::as_bytes(envelope.ciphertext()));
  if (!content && content.error().code.starts_with("store.")) return std::unexpected(content.error());
  if (!content) return content.error();
  opened = true;
  if (base::as_text(content->signature_key) != (*pinned)->identity_key()) return kSenderUnknown;
  if (base::as_text(content->authenticated_data) != envelope.client_message_id())
    return base::Error{"cipher.moved", "a message that was passed off as another one", "the one that the sender signed",
                       "ask the sender by another way", ""};
  auto payload = parse_payload(content->data);
  if (!payload) return payload.error();
  if (payload->message_class != message.message_class())
    return base::Error{"payload.class", "a message whose class was changed on the way",
                       "the class that the sender signed", "do not rely on it; ask the sender by another way", ""};
  message.set_text(payload->text);
  return std::nullopt;
}

}  // namespace clients::core
