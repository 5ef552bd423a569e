#include "clients/core/engine.h"

#include <algorithm>
#include <optional>

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;

namespace {

template <std::size_t kSize>
std::optional<std::array<std::uint8_t, kSize>> key_of(std::string_view bytes) {
  std::array<std::uint8_t, kSize> key{};
  if (bytes.size() != kSize) return std::nullopt;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(bytes.data()), kSize, key.begin());
  return key;
}

std::optional<mls::DeviceKeys> keys_of(std::string_view device, std::string_view identity, std::string_view box) {
  const auto id = base::DeviceId::from_wire(device);
  const auto identity_key = key_of<32>(identity), box_key = key_of<32>(box);
  if (!id || !identity_key || !box_key) return std::nullopt;
  return mls::DeviceKeys{*id, *identity_key, *box_key};
}

void set_trouble(record::Trouble& out, const base::Error& error) {
  out.set_code(error.code);
  out.set_seen(error.seen);
  out.set_allowed(error.allowed);
  out.set_remedy(error.remedy);
}

// Messages to the same people or conversation go one after the other.
std::string target_of(const record::Outgoing& outgoing) {
  if (!outgoing.conversation().empty()) return "c" + outgoing.conversation();
  std::vector<std::string> persons(outgoing.persons().begin(), outgoing.persons().end());
  std::ranges::sort(persons);
  std::string target = "p";
  for (const auto& person : persons) target += person + '\n';
  return target;
}

pb::ClientFrame acknowledgement(const pb::StoredEnvelope& stored) {
  pb::ClientFrame frame;
  auto& ack = *frame.mutable_ack();
  ack.set_conversation(stored.envelope().conversation());
  ack.set_message_class(stored.envelope().message_class());
  ack.set_sequence(stored.sequence());
  return frame;
}

record::KnownConversation record_of(const pb::Conversation& conversation) {
  record::KnownConversation out;
  out.set_conversation(conversation.conversation());
  out.set_direct(conversation.direct());
  for (const auto& member : conversation.members()) {
    auto& kept = *out.add_members();
    kept.set_person(member.person());
    kept.set_display_name(member.display_name());
    kept.set_unit(member.unit());
  }
  return out;
}

std::unexpected<base::Error> key_changed(std::string_view device) {
  return base::fail("device.key-changed",
                    "other keys under device " + base::to_hex(base::as_bytes(device)) + " than before",
                    "the keys that were seen first",
                    "nothing is sent to or believed from it; tell your administrator, this must not happen by itself");
}

}  // namespace

bool is_passing(std::string_view code) {
  const auto dot = code.rfind('.');
  const auto reason = dot == std::string_view::npos ? code : code.substr(dot + 1);
  return reason == "unavailable" || reason == "busy" || reason == "timeout" || reason == "lost" ||
         reason == "too-many" || code.starts_with("rate.");
}

base::Result<Output> Engine::connected() {
  (void)disconnected();
  return flush();
}

Output Engine::disconnected() {
  Output out;
  for (const auto& [request, waiting] : waiting_) {
    if (!std::holds_alternative<Question>(waiting)) continue;
    Answered answer{request, {}};
    *answer.frame.mutable_problem() =
        relay::wire::to_problem({"stream.lost", "the connection broke before the answer came", "", "try again", ""});
    out.events.emplace_back(std::move(answer));
  }
  waiting_.clear();
  outgoing_.clear();
  busy_targets_.clear();
  parked_.clear();
  parked_count_ = 0;
  announced_.clear();
  for (const auto& id : for_content_) retry_at_ms_.erase(id);
  for_content_.clear();
  content_asked_ = false;
  return out;
}

base::Result<std::uint64_t> Engine::ask(pb::ClientFrame question, Output& out) {
  if (waiting_.size() >= kQuestionsMax)
    return base::fail("engine.busy", std::to_string(waiting_.size()) + " requests without an answer",
                      "at most " + std::to_string(kQuestionsMax), "wait for the answers");
  const auto request = next_request();
  question.set_request(request);
  waiting_.emplace(request, Question{});
  out.frames.push_back(std::move(question));
  return request;
}

base::Result<Output> Engine::flush() {
  Output out;
  auto outbox = store_.outbox();
  if (!outbox) return std::unexpected(outbox.error());
  const auto now_ms = clock_.elapsed_ms();
  for (const auto& outgoing : *outbox) {
    const std::string target = target_of(outgoing);
    const auto retry = retry_at_ms_.find(outgoing.client_message_id());
    const bool later = retry != retry_at_ms_.end() && retry->second > now_ms;
    if (outgoing.has_refused() || outgoing_.contains(outgoing.client_message_id())) continue;
    // One that waits keeps the later ones to the same people behind it.
    if (!busy_targets_.insert(target).second) continue;
    if (later) continue;
    outgoing_.emplace(outgoing.client_message_id(), target);
    pb::ClientFrame frame;
    frame.set_request(next_request());
    frame.mutable_open()->set_conversation(outgoing.conversation());
    frame.mutable_open()->mutable_persons()->CopyFrom(outgoing.persons());
    waiting_.emplace(frame.request(), OpenFor{outgoing});
    out.frames.push_back(std::move(frame));
  }
  // Targets kept only by something that waits for its time are looked at again at the next flush.
  std::set<std::string> under_way;
  for (const auto& [id, target] : outgoing_) under_way.insert(target);
  busy_targets_ = std::move(under_way);
  return out;
}

base::Result<Output> Engine::on_frame(const pb::ServerFrame& frame) {
  Output out;
  base::Status status;
  if (frame.request() == 0) {
    if (frame.has_delivery()) status = on_delivery(frame.delivery(), out);
    if (frame.has_gate()) announced_ = frame.gate().rules_digest();
    if (frame.has_gate()) out.events.emplace_back(GateChanged{frame.gate()});
    if (frame.has_expired()) out.events.emplace_back(Expired{frame.expired().count()});
    if (frame.has_wiped()) out.events.emplace_back(WipeOrdered{base::printable(frame.wiped().reason())});
    if (!status) return std::unexpected(status.error());
    return out;
  }
  const auto found = waiting_.find(frame.request());
  if (found == waiting_.end()) return out;  // an answer nobody waits for any more
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  if (std::holds_alternative<Question>(waiting)) out.events.emplace_back(Answered{frame.request(), frame});
  if (const auto* open = std::get_if<OpenFor>(&waiting)) status = on_opened(open->outgoing, frame, out);
  if (const auto* send = std::get_if<SendOf>(&waiting))
    status = on_accepted(send->outgoing, send->conversation, frame, out);
  if (std::holds_alternative<ContentOf>(waiting)) status = on_content(frame, out);
  if (const auto* keys = std::get_if<KeysOf>(&waiting)) status = on_keys(frame, keys->conversation, out);
  if (!status) return std::unexpected(status.error());
  return out;
}

// ---------------------------------------------------------------- receiving

base::Status Engine::on_delivery(const pb::Delivery& delivery, Output& out) {
  const auto& envelope = delivery.stored().envelope();
  const auto waits = parked_.find(envelope.conversation());
  if (waits == parked_.end()) {
    auto familiar = knows(envelope);
    if (!familiar) return std::unexpected(familiar.error());
    if (*familiar) return take_in(delivery, out);
    pb::ClientFrame frame;
    frame.set_request(next_request());
    frame.mutable_open()->set_conversation(envelope.conversation());
    waiting_.emplace(frame.request(), KeysOf{envelope.conversation()});
    out.frames.push_back(std::move(frame));
  }
  if (parked_count_ >= kParkedMax)
    return base::fail("stream.lost", "more deliveries than the server may send without acknowledgement",
                      std::to_string(kParkedMax), "connect again");
  parked_[envelope.conversation()].push_back(delivery);
  ++parked_count_;
  return {};
}

// The sender's keys, and who is in the conversation: without the latter nobody could answer.
base::Result<bool> Engine::knows(const pb::Envelope& envelope) {
  const auto device = base::DeviceId::from_wire(envelope.sender_device());
  const auto conversation = base::ConversationId::from_wire(envelope.conversation());
  if (!device || !conversation) return true;  // nothing that asking would help
  auto pinned = store_.pinned(*device);
  if (!pinned) return std::unexpected(pinned.error());
  auto known = store_.conversation(*conversation);
  if (!known) return std::unexpected(known.error());
  return pinned->has_value() && known->has_value();
}

base::Status Engine::on_keys(const pb::ServerFrame& frame, const std::string& conversation, Output& out) {
  if (frame.has_problem() && is_passing(frame.problem().code()))
    return base::fail("stream.lost", "the server could not name the sender's keys", "", "connect again");
  if (frame.has_conversation())
    if (auto status = learn(frame.conversation()); !status) return status;
  auto waiting = parked_.extract(conversation);
  if (waiting.empty()) return {};
  parked_count_ -= waiting.mapped().size();
  for (const auto& delivery : waiting.mapped())
    if (auto status = take_in(delivery, out); !status) return status;
  return {};
}

base::Status Engine::take_in(const pb::Delivery& delivery, Output& out) {
  auto message = read(delivery);
  if (!message) return std::unexpected(message.error());
  auto fresh = store_.add_incoming(*message);
  if (!fresh) return std::unexpected(fresh.error());
  out.frames.push_back(acknowledgement(delivery.stored()));
  if (*fresh) out.events.emplace_back(Received{std::move(*message)});
  return {};
}

// Fails only when the store does; what cannot be read comes back as a message that says why.
base::Result<record::Message> Engine::read(const pb::Delivery& delivery) {
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
  const auto unreadable = [&message](const base::Error& why) {
    set_trouble(*message.mutable_unreadable(), why);
    return message;
  };
  const auto device = base::DeviceId::from_wire(envelope.sender_device());
  const auto conversation = base::ConversationId::from_wire(envelope.conversation());
  if (!device || !conversation)
    return unreadable({"cipher.sender-unknown", "a message without a sending device", "", "", ""});
  auto pinned = store_.pinned(*device);
  if (!pinned) return std::unexpected(pinned.error());
  const auto keys =
      *pinned ? keys_of((*pinned)->device(), (*pinned)->identity_key(), (*pinned)->box_key()) : std::nullopt;
  if (!keys || (*pinned)->person() != delivery.sender())
    return unreadable({"cipher.sender-unknown", "a message of a device that is not one of its sender's",
                       "devices that the conversation's members have", "ask the sender to send it again", ""});
  auto opened = cipher_.open({*conversation, {}}, *keys, base::as_bytes(envelope.ciphertext()));
  if (!opened) return unreadable(opened.error());
  auto payload = parse_payload(opened->plaintext.body);
  if (!payload) return unreadable(payload.error());
  if (payload->message_class != message.message_class())
    return unreadable({"payload.class", "a message whose class was changed on the way",
                       "the class that the sender signed", "do not rely on it; ask the sender by another way", ""});
  message.set_text(payload->text);
  return message;
}

base::Status Engine::learn(const pb::Conversation& conversation) {
  if (auto status = store_.save(record_of(conversation)); !status) return status;
  for (const auto& member : conversation.members()) {
    for (const auto& device : member.devices()) {
      const auto id = base::DeviceId::from_wire(device.device());
      if (!id || device.identity_key().size() != 32 || device.box_key().size() != 32) continue;
      record::PinnedDevice pin;
      pin.set_device(device.device());
      pin.set_identity_key(device.identity_key());
      pin.set_box_key(device.box_key());
      pin.set_person(member.person());
      auto before = store_.pinned(*id);
      if (!before) return std::unexpected(before.error());
      if (*before) continue;
      if (auto status = store_.pin_device(pin); !status) return status;
    }
  }
  return {};
}

// ---------------------------------------------------------------- sending

base::Result<mls::Audience> Engine::audience_of(const pb::Conversation& conversation) {
  mls::Audience audience;
  for (const auto& member : conversation.members()) {
    for (const auto& device : member.devices()) {
      const auto keys = keys_of(device.device(), device.identity_key(), device.box_key());
      if (!keys)
        return base::fail("cipher.audience", "a device without proper keys", "keys of 32 bytes",
                          "tell your administrator");
      if (keys->device == self_.device) continue;
      auto pinned = store_.pinned(keys->device);
      if (!pinned) return std::unexpected(pinned.error());
      const bool same = *pinned && (*pinned)->person() == member.person() &&
                        (*pinned)->identity_key() == device.identity_key() && (*pinned)->box_key() == device.box_key();
      if (!same) return key_changed(device.device());
      audience.push_back(*keys);
    }
  }
  return audience;
}

base::Status Engine::on_opened(const record::Outgoing& outgoing, const pb::ServerFrame& frame, Output& out) {
  if (frame.has_problem()) return on_problem(outgoing, frame.problem(), out);
  const auto conversation = base::ConversationId::from_wire(frame.conversation().conversation());
  const auto message = base::ClientMessageId::from_wire(outgoing.client_message_id());
  if (!conversation || !message)
    return refuse(outgoing, {"wire.id-size", "a conversation without an id", "16 bytes", "tell your administrator", ""},
                  out);
  if (auto status = learn(frame.conversation()); !status) return status;
  auto audience = audience_of(frame.conversation());
  if (!audience)
    return audience.error().code.starts_with("store.") ? base::Status(std::unexpected(audience.error()))
                                                       : refuse(outgoing, audience.error(), out);
  const auto passage = pass_content(outgoing, out);
  if (!passage) return std::unexpected(passage.error());
  if (*passage != Passage::kFree) return {};
  const Payload payload{
      static_cast<std::uint8_t>(outgoing.message_class()), {outgoing.created_at_s()}, outgoing.text()};
  auto sealed = cipher_.seal({*conversation, {}}, {*message, encode(payload)}, *audience);
  if (!sealed) return refuse(outgoing, sealed.error(), out);

  pb::ClientFrame send;
  send.set_request(next_request());
  auto& body = *send.mutable_send();
  body.set_reason(outgoing.reason());
  body.set_lifetime_s(outgoing.lifetime_s());
  auto& envelope = *body.mutable_envelope();
  envelope.set_conversation(conversation->wire());
  envelope.set_kind(pb::APPLICATION);
  envelope.set_epoch(sealed->epoch);
  envelope.set_message_class(static_cast<pb::MessageClass>(outgoing.message_class()));
  envelope.set_label(outgoing.label());
  envelope.set_client_message_id(outgoing.client_message_id());
  envelope.set_ciphertext(sealed->ciphertext.data(), sealed->ciphertext.size());
  waiting_.emplace(send.request(), SendOf{outgoing, conversation->wire()});
  out.frames.push_back(std::move(send));
  return {};
}

base::Status Engine::take_next(Output& out) {
  auto next = flush();
  if (!next) return std::unexpected(next.error());
  std::ranges::move(next->frames, std::back_inserter(out.frames));
  return {};
}

base::Status Engine::on_accepted(const record::Outgoing& outgoing, const std::string& conversation,
                                 const pb::ServerFrame& frame, Output& out) {
  if (frame.has_problem()) return on_problem(outgoing, frame.problem(), out);
  if (!frame.has_accepted())
    return refuse(
        outgoing,
        {"wire.syntax", "an answer that does not fit the question", "Accepted or Problem", "update this program", ""},
        out);
  record::Message message;
  message.set_conversation(conversation);
  message.set_sequence(frame.accepted().sequence());
  message.set_message_class(outgoing.message_class());
  message.set_mine(true);
  message.set_sender(self_.person);
  message.set_sender_device(self_.device.wire());
  message.set_accepted_at_s(frame.accepted().accepted_at_s());
  message.set_deadline_s(frame.accepted().deadline_s());
  message.set_text(outgoing.text());
  message.set_later(frame.accepted().later());
  message.set_client_message_id(outgoing.client_message_id());
  message.set_received_at_s(clock_.now().unix_s);
  if (auto status = store_.accepted(message); !status) return status;
  finish(outgoing);
  out.events.emplace_back(Sent{std::move(message)});
  return take_next(out);
}

base::Status Engine::on_problem(record::Outgoing outgoing, const pb::Problem& problem, Output& out) {
  if (!is_passing(problem.code())) return refuse(std::move(outgoing), relay::wire::to_error(problem), out);
  finish(outgoing);
  retry_at_ms_[outgoing.client_message_id()] = clock_.elapsed_ms() + kRetryAfter_ms;
  return {};
}

base::Status Engine::refuse(record::Outgoing outgoing, const base::Error& why, Output& out) {
  set_trouble(*outgoing.mutable_refused(), why);
  if (auto status = store_.update(outgoing); !status) return status;
  finish(outgoing);
  out.events.emplace_back(Refused{std::move(outgoing)});
  return take_next(out);
}

void Engine::finish(const record::Outgoing& outgoing) {
  const auto found = outgoing_.find(outgoing.client_message_id());
  if (found == outgoing_.end()) return;
  busy_targets_.erase(found->second);
  outgoing_.erase(found);
  retry_at_ms_.erase(outgoing.client_message_id());
}

}  // namespace clients::core
