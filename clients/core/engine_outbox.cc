// The engine's part between outbox and service.
#include <algorithm>
#include <utility>

#include "clients/core/engine.h"
#include "clients/core/pins.h"

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;

base::Status Engine::on_opened(const record::Outgoing& outgoing, const pb::ServerFrame& frame, Output& out) {
  if (frame.has_problem()) return on_problem(outgoing, frame.problem(), out);
  const auto conversation = ConversationId::from_wire(frame.conversation().conversation());
  if (!conversation || outgoing.client_message_id().size() != base::ClientMessageId::kSizeBytes)
    return refuse(outgoing, {"wire.id-size", "a conversation without an id", "16 bytes", "tell your administrator", ""},
                  out);
  auto& talk = talks_[*conversation];
  talk.judge_anew();
  if (auto status = learn(frame.conversation(), out); !status) return status;
  // Its key is spent, and perhaps it was accepted: the same bytes again, before anything else.
  if (outgoing.has_sealed()) return send_sealed(*conversation, outgoing, out), Status();
  if (auto status = check_keys(store_, frame.conversation()); !status)
    return status.error().code.starts_with("store.") ? status : refuse(outgoing, status.error(), out);
  const auto passage = pass_content(outgoing, out);
  if (!passage) return std::unexpected(passage.error());
  if (*passage != Passage::kFree) return {};
  talk.roster = frame.conversation();
  talk.hopeless.reset();
  talk.waiting.push_back(outgoing.client_message_id());
  return work(*conversation, out);
}

base::Status Engine::send_waiting(const ConversationId& conversation, Talk& talk, Output& out) {
  for (const auto& key : std::exchange(talk.waiting, {})) {
    auto outgoing = store_.outgoing(base::ClientMessageId::from_wire(key).value_or(base::ClientMessageId{}));
    if (!outgoing) return std::unexpected(outgoing.error());
    if (!*outgoing) continue;  // taken out meanwhile
    if (auto status = seal_and_send(conversation, std::move(**outgoing), out); !status) return status;
  }
  return {};
}

base::Status Engine::seal_and_send(const ConversationId& conversation, record::Outgoing outgoing, Output& out) {
  const Payload payload{
      static_cast<std::uint8_t>(outgoing.message_class()), {outgoing.created_at_s()}, outgoing.text()};
  auto status = groups_.protect(conversation, encode(payload), outgoing);
  if (!status)
    return status.error().code.starts_with("store.") ? status : refuse(std::move(outgoing), status.error(), out);
  send_sealed(conversation, outgoing, out);
  return {};
}

void Engine::send_sealed(const ConversationId& conversation, const record::Outgoing& outgoing, Output& out) {
  pb::ClientFrame frame;
  auto& body = *frame.mutable_send();
  body.set_reason(outgoing.reason());
  body.set_lifetime_s(outgoing.lifetime_s());
  auto& envelope = *body.mutable_envelope();
  envelope.set_conversation(conversation.wire());
  envelope.set_kind(pb::APPLICATION);
  envelope.set_epoch(outgoing.sealed().epoch());
  envelope.set_message_class(static_cast<pb::MessageClass>(outgoing.message_class()));
  envelope.set_label(outgoing.label());
  envelope.set_client_message_id(outgoing.client_message_id());
  envelope.set_ciphertext(outgoing.sealed().ciphertext());
  send(std::move(frame), SendOf{outgoing, conversation}, out);
}

base::Status Engine::on_accepted(const record::Outgoing& outgoing, const ConversationId& conversation,
                                 const pb::ServerFrame& frame, Output& out) {
  if (frame.has_problem()) return on_group_problem(outgoing, conversation, frame.problem(), out);
  if (!frame.has_accepted())
    return refuse(
        outgoing,
        {"wire.syntax", "an answer that does not fit the question", "Accepted or Problem", "update this program", ""},
        out);
  record::Message message;
  message.set_conversation(conversation.wire());
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

// The epoch is over or must end first: what was encrypted in it is given up, and encrypted anew in the next one.
base::Status Engine::on_group_problem(record::Outgoing outgoing, const ConversationId& conversation,
                                      const pb::Problem& problem, Output& out) {
  const bool old = problem.code() == "group.epoch", removal = problem.code() == "group.removal-pending";
  if (!old && !removal) return on_problem(std::move(outgoing), problem, out);
  const auto epoch = outgoing.sealed().epoch();
  outgoing.clear_sealed();
  if (auto status = store_.update(outgoing); !status) return status;
  auto& talk = talks_[conversation];
  auto group = groups_.group(conversation);
  if (!group) return std::unexpected(group.error());
  if (old && *group != nullptr && (*group)->epoch() <= epoch) lose(talk);
  // The removal has not come here yet.
  if (removal && *group != nullptr && (*group)->pending().empty() && (*group)->epoch() == epoch) pause(talk);
  talk.waiting.push_back(outgoing.client_message_id());
  return work(conversation, out);
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
