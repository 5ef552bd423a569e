// From a device's Send to the relay's answer, and the acknowledgement on the other side.
#include <algorithm>
#include <optional>

#include "gateway/groups/problems.h"
#include "gateway/proxy/content.h"
#include "gateway/proxy/entries.h"
#include "gateway/proxy/exchange.h"
#include "gateway/proxy/retention.h"
#include "gateway/proxy/switchboard.h"

namespace gateway::proxy {

using policy::base::Error;
using policy::base::Instant;
using policy::base::Result;
using policy::base::Status;
using policy::model::Effect;
using policy::model::MessageClass;

void Exchange::on_send(Stream& stream, std::uint64_t request, pb::Send send) {
  const std::string conversation = send.envelope().conversation();
  with_room(stream, request, conversation,
            [this, request, send = std::move(send)](Stream& live, const Room& room) mutable {
              const auto id = *policy::base::ConversationId::from_wire(send.envelope().conversation());
              if (const auto known = services_.groups.known_standing(id))
                return send_in(live, request, std::move(send), room, *known);
              services_.workers.submit(
                  loop_, [this, id] { return services_.groups.standing(id); },
                  [this, weak = live.weak_from_this(), request, send = std::move(send),
                   room](const Result<groups::Standing>& standing) mutable {
                    const auto still = weak.lock();
                    if (!still || still->ended) return;
                    if (!standing) return refuse(*still, request, standing.error());
                    send_in(*still, request, std::move(send), room, *standing);
                  });
            });
}

// Early, and for the sender's sake: the relay compares once more, with nothing in between.
void Exchange::send_in(Stream& stream, std::uint64_t request, pb::Send send, const Room& room,
                       const groups::Standing& standing) {
  const auto& envelope = send.envelope();
  const auto id = *policy::base::ConversationId::from_wire(envelope.conversation());
  if (auto may = groups::may_send_in(standing, id, envelope.epoch(), policy::base::as_bytes(envelope.ciphertext()));
      !may)
    return refuse(stream, request, may.error());
  accept(stream, request, std::move(send), room);
}

Status Exchange::may_send(const Stream& stream, MessageClass message_class, const pb::Send& send) const {
  const std::string& sender = stream.presence->person;
  const auto& rules = *gates_.world().rules;
  const auto* const facts = gates_.facts(sender);
  const std::vector<std::string> groups = facts == nullptr ? std::vector<std::string>{} : facts->groups;
  if (auto may = policy::pack::may_send(rules, groups, message_class, send.reason()); !may) return may;
  const auto limits = policy::pack::send_limits(rules, groups, message_class);
  if (limits.empty()) return {};
  return services_.meter.admit(sender, message_class, send.envelope().client_message_id(), limits, now_);
}

// No label at all is always allowed: the rules say which there are, not that there must be one.
Status Exchange::check_label(const pb::Send& send) const {
  const std::string& label = send.envelope().label();
  if (label.empty()) return {};
  const auto labels = policy::pack::content_rules(*gates_.world().rules).labels;
  if (labels.empty() || std::ranges::find(labels, label) != labels.end()) return {};
  return label_not_allowed(label, labels);
}

// What the gates of all readers say to this message, and what of it the log must hold before it is accepted.
Exchange::Verdict Exchange::judge(const Stream& stream, MessageClass message_class, const pb::Send& send,
                                  const Room& room) {
  Verdict verdict{.records = {}, .readable = now_, .later = false};
  const std::string& sender = stream.presence->person;
  if (message_class == MessageClass::kAlarm)
    verdict.records.push_back(entries::alarm_sent(services_.ledger, sender, send.reason(), room.members.size() - 1));
  for (const auto& member : room.members) {
    if (member == sender) continue;
    if (gates_.state(member, now_).effects[static_cast<std::size_t>(message_class)] == Effect::kDeliver) {
      services_.ledger.count_allow(message_class);
      continue;
    }
    const auto decision = gates_.decide(member, message_class, now_);
    verdict.later = true;
    verdict.readable = std::max(verdict.readable, decision.until);
    if (decision.effect == Effect::kHold)
      verdict.records.push_back(entries::message_held(services_.ledger, gates_, member, message_class, decision, now_));
  }
  return verdict;
}

// Decides for every reader, logs what is not a plain allow, and only then hands the envelope to the relay.
void Exchange::accept(Stream& stream, std::uint64_t request, pb::Send send, const Room& room) {
  const MessageClass message_class = class_of(send.envelope().message_class());
  const auto self = stream.shared_from_this();
  auto may = check_label(send);
  if (may) may = may_send(stream, message_class, send);
  if (!may) {
    std::vector<audit::event::Record> refusal{
        entries::message_refused(services_.ledger, stream.presence->person, may.error())};
    return log_all(std::move(refusal), [this, self, request, error = may.error()](const Status& logged) {
      if (!self->ended) refuse(*self, request, logged ? error : logged.error());
    });
  }
  Verdict verdict = judge(stream, message_class, send, room);
  const auto retention = policy::pack::retention_rules(*gates_.world().rules, message_class);
  const Instant deadline = deadline_for(retention, now_, verdict.readable, policy::base::Seconds{send.lifetime_s()});
  pb::Envelope envelope = std::move(*send.mutable_envelope());
  envelope.set_sender_device(stream.device().wire());
  envelope.set_deadline_s(deadline.unix_s);
  log_all(std::move(verdict.records),
          [this, self, request, envelope = std::move(envelope), later = verdict.later](const Status& logged) mutable {
            if (self->ended) return;
            if (!logged) return refuse(*self, request, logged.error());
            forward(self, request, std::move(envelope), later);
          });
}

// `then` runs when all of them are durable, at once when there are none. The log keeps the order, so the last one's
// answer comes last.
void Exchange::log_all(std::vector<audit::event::Record> records, std::function<void(const Status&)> then) {
  if (records.empty()) return then({});
  auto last = std::move(records.back());
  records.pop_back();
  auto failed = std::make_shared<std::optional<Error>>();
  for (auto& record : records) {
    services_.ledger.record(loop_, std::move(record), [failed](const Status& logged) {
      if (!logged) *failed = logged.error();
    });
  }
  services_.ledger.record(loop_, std::move(last), [failed, then = std::move(then)](const Status& logged) {
    then(*failed ? Status(std::unexpected(**failed)) : logged);
  });
}

void Exchange::forward(const std::shared_ptr<Stream>& stream, std::uint64_t request, pb::Envelope envelope,
                       bool later) {
  pb::Accept accept;
  *accept.mutable_envelope() = std::move(envelope);
  accept.set_sender_mailbox(stream->mailbox().wire());
  link_.accept(std::move(accept),
               [this, weak = std::weak_ptr(stream), request, later](const Result<pb::AcceptResult>& result) {
                 const auto live = weak.lock();
                 if (!live || live->ended) return;
                 if (!result) return refuse(*live, request, groups::as_of_group(result.error()));
                 pb::ServerFrame frame;
                 auto* const accepted = frame.mutable_accepted();
                 accepted->set_sequence(result->sequence());
                 accepted->set_accepted_at_s(result->accepted_at_s());
                 accepted->set_deadline_s(result->deadline_s());
                 accepted->set_later(later);
                 reply(*live, request, std::move(frame));
               });
}

void Exchange::on_ack(Stream& stream, const pb::Ack& ack) {
  link_.ack(stream.device(), ack);
  const bool woke = stream.woke_at_rest && is_for_people(ack.message_class()) &&
                    class_of(ack.message_class()) >= MessageClass::kUrgent;
  if (!woke) return;
  stream.woke_at_rest = false;
  // The phone has it: somebody at rest was disturbed. The rules say whether that rest begins anew (ArbZG § 5).
  const policy::model::Interruption interruption{{now_, now_ + policy::base::Seconds{1}}};
  const std::string person = stream.presence->person;
  services_.switchboard.interrupt(person, interruption);
  services_.workers.submit(
      [this, person, interruption] { (void)services_.store.add_interruption(person, interruption.span); });
}

}  // namespace gateway::proxy
