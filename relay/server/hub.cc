#include "relay/server/hub.h"

#include <algorithm>

#include "relay/core/rules.h"

namespace relay::server {
namespace {

using core::ConversationId;
using core::DeviceId;
using core::Instant;
using core::MailboxId;
using policy::base::Error;

// The codec has checked every id's size.
template <typename IdType>
IdType id_of(const std::string& raw) {
  return IdType::from_wire(raw).value_or(IdType{});
}

const Error& busy() {
  static const Error kBusy{"relay.busy", "more requests than the store keeps up with", "", "try again in a moment", ""};
  return kBusy;
}

core::CreateConversation to_change(const pb::CreateConversation& create) {
  core::CreateConversation out{id_of<ConversationId>(create.conversation()), {}};
  for (const std::string& mailbox : create.mailboxes()) out.mailboxes.push_back(id_of<MailboxId>(mailbox));
  return out;
}

}  // namespace

Hub::Hub(const policy::base::Clock& clock, Ledger& ledger, bus::Bus& bus, Outlet& outlet, Log log)
    : clock_(clock), ledger_(ledger), bus_(bus), outlet_(outlet), log_(std::move(log)) {}

Hub::~Hub() {
  if (listener_ != 0) bus_.stop_listening(listener_);
}

void Hub::join(std::function<void(std::function<void()>)> post) {
  listener_ =
      bus_.listen([this, post = std::move(post)](const bus::Wake& heard) { post([this, heard] { wake(heard); }); });
}

void Hub::link_up(LinkId link) {
  links_.insert(link);
  send_receipts();
}

void Hub::link_down(LinkId link) {
  links_.erase(link);
  delivery_.drop_link(link);
  if (carrier_ == link) carrier_.reset();
  send_receipts();
}

void Hub::link_full(LinkId link, bool full) {
  delivery_.set_link_full(link, full);
  if (!full) pump();
}

void Hub::handle(LinkId link, pb::ToRelay message) {
  const std::uint64_t request = message.request();
  switch (message.body_case()) {
    case pb::ToRelay::kCreate: return change(link, request, to_change(message.create()));
    case pb::ToRelay::kRegisterDevice:
      return change(link, request,
                    core::RegisterDevice{id_of<MailboxId>(message.register_device().mailbox()),
                                         id_of<DeviceId>(message.register_device().device())});
    case pb::ToRelay::kRemoveDevice: {
      const auto device = id_of<DeviceId>(message.remove_device().device());
      delivery_.forget(device);  // at once: a wiped device is sent nothing more, whatever the store says
      return change(link, request, core::RemoveDevice{device});
    }
    case pb::ToRelay::kAccept: return accept(link, std::move(message));
    case pb::ToRelay::kSubscribe: return subscribe(link, message);
    case pb::ToRelay::kUnsubscribe: return delivery_.unsubscribe(link, id_of<DeviceId>(message.unsubscribe().device()));
    case pb::ToRelay::kAck: return acknowledge(message.ack());
    case pb::ToRelay::kStatus: return status(link, request, message.status());
    case pb::ToRelay::kReceiptAck:
      receipts_.erase(message.receipt_ack().receipt());
      receipts_sent_.erase(message.receipt_ack().receipt());
      return quietly(core::ForgetReceipt{message.receipt_ack().receipt()});
    case pb::ToRelay::kExpiredAck:
      return quietly(
          core::ForgetExpired{id_of<MailboxId>(message.expired_ack().mailbox()), message.expired_ack().count()});
    case pb::ToRelay::kHello:
    case pb::ToRelay::BODY_NOT_SET:
      return refuse(link, request, {"link.hello", "a second Hello", "one at the start", "", ""});
  }
}

void Hub::change(LinkId link, std::uint64_t request, core::Change change) {
  const bool queued = ledger_.change(std::move(change), [this, link, request](const core::Outcome& outcome) {
    outcome ? done(link, request) : refuse(link, request, outcome.error());
  });
  if (!queued) refuse(link, request, busy());
}

// For what is not answered: lost, it comes again, since the store still holds what was to be forgotten.
void Hub::quietly(core::Change change) {
  if (!ledger_.change(std::move(change), [](const core::Outcome&) {}))
    log_(LogLevel::kWarning, "relay.busy", "an acknowledgement was dropped");
}

void Hub::accept(LinkId link, pb::ToRelay message) {
  const std::uint64_t request = message.request();
  core::Accept change{message.accept().envelope(), {}, {}, message.accept().removal()};
  if (!message.accept().sender_mailbox().empty()) change.sender = id_of<MailboxId>(message.accept().sender_mailbox());
  if (message.accept().has_welcome()) change.welcome = message.accept().welcome();
  auto sent = std::make_shared<pb::Accept>(std::move(*message.mutable_accept()));
  const bool queued = ledger_.change(std::move(change), [this, link, request, sent](const core::Outcome& outcome) {
    if (!outcome) return refuse(link, request, outcome.error());
    const core::Accepted& accepted = *outcome->accepted;
    pb::FromRelay answer;
    answer.set_request(request);
    answer.mutable_accepted()->set_sequence(accepted.sequence);
    answer.mutable_accepted()->set_accepted_at_s(accepted.accepted_at.unix_s);
    answer.mutable_accepted()->set_deadline_s(accepted.deadline.unix_s);
    answer.mutable_accepted()->set_duplicate(accepted.duplicate);
    answer.mutable_accepted()->set_epoch(accepted.epoch);
    outlet_.send(link, answer);
    if (!accepted.duplicate) on_accepted(accepted, std::move(*sent->mutable_envelope()));
    if (outcome->welcome) on_accepted(*outcome->welcome, std::move(*sent->mutable_welcome()));
  });
  if (!queued) refuse(link, request, busy());
}

void Hub::on_accepted(const core::Accepted& accepted, pb::Envelope envelope) {
  pb::StoredEnvelope stored;
  stored.set_sequence(accepted.sequence);
  stored.set_accepted_at_s(accepted.accepted_at.unix_s);
  *stored.mutable_envelope() = std::move(envelope);
  stored.mutable_envelope()->set_deadline_s(accepted.deadline.unix_s);
  deliver(delivery_.committed(accepted, stored, clock_.now()));
  bus_.publish(listener_, {accepted.readers});
  pump();
}

void Hub::subscribe(LinkId link, const pb::ToRelay& message) {
  const auto device = id_of<DeviceId>(message.subscribe().device());
  if (const auto status = delivery_.subscribe(link, device, message.subscribe().classes()); !status)
    return refuse(link, message.request(), status.error());
  pump();
}

void Hub::acknowledge(const pb::DeviceAck& ack) {
  const core::Acknowledge change{id_of<DeviceId>(ack.device()), id_of<ConversationId>(ack.conversation()),
                                 core::index_of(ack.message_class()), ack.sequence()};
  delivery_.acknowledged(change);
  if (acks_.size() < kAcksMax) {
    auto& sequence = acks_[{change.device, change.conversation, change.class_index}];
    sequence = std::max(sequence, change.sequence);
  }
  if (acks_under_way_ == 0) write_acks();
  pump();
}

// What the ledger does not take is lost; the device acknowledges again after the repeat.
void Hub::write_acks() {
  for (const auto& [cursor, sequence] : std::exchange(acks_, {})) {
    const auto& [device, conversation, class_index] = cursor;
    const bool queued =
        ledger_.change(core::Acknowledge{device, conversation, class_index, sequence}, [this](const core::Outcome&) {
          if (--acks_under_way_ == 0 && !acks_.empty()) write_acks();
        });
    if (queued) ++acks_under_way_;
  }
}

void Hub::status(LinkId link, std::uint64_t request, const pb::RelayStatusQuery& query) {
  const core::StatusQuery asked{id_of<ConversationId>(query.conversation()), query.sequence(),
                                id_of<MailboxId>(query.sender_mailbox())};
  write_acks();  // so that an answer stands on every acknowledgement that came before the question
  const bool queued =
      ledger_.read([this, link, request, asked](store::Store& store, Instant now) -> std::function<void()> {
        return [this, link, request, state = store.status(asked, now)] {
          if (!state) return refuse(link, request, state.error());
          pb::FromRelay answer;
          answer.set_request(request);
          answer.mutable_status()->set_state(*state);
          outlet_.send(link, answer);
        };
      });
  if (!queued) refuse(link, request, busy());
}

void Hub::wake(const bus::Wake& heard) {
  delivery_.wake(heard.mailboxes);
  pump();
}

void Hub::pump() {
  while (reads_ < kReadsMax) {
    const auto query = delivery_.next_query();
    if (!query) return;
    read_backlog(*query);
  }
}

void Hub::read_backlog(const core::BacklogQuery& query) {
  const bool queued = ledger_.read([this, query](store::Store& store, Instant now) -> std::function<void()> {
    auto answer = std::make_shared<policy::base::Result<core::Backlog>>(store.backlog(query, now));
    return [this, query, answer] {
      --reads_;
      if (*answer) {
        deliver(delivery_.backlog(query, **answer, clock_.now()));
      } else {
        log_(LogLevel::kWarning, "relay.backlog",
             "device " + core::short_text(query.device) + ": " + answer->error().code);
        delivery_.backlog_failed(query, answer->error());
      }
      pump();
    };
  });
  if (queued)
    ++reads_;
  else
    delivery_.backlog_failed(query, busy());
}

void Hub::deliver(const std::vector<core::Send>& sends) {
  for (const core::Send& one : sends) {
    pb::FromRelay message;
    if (const auto* envelope = std::get_if<core::SendEnvelope>(&one)) {
      message.mutable_delivery()->set_device(envelope->device.wire());
      *message.mutable_delivery()->mutable_stored() = envelope->stored;
      outlet_.send(envelope->link, message);
    } else if (const auto* expired = std::get_if<core::TellExpired>(&one)) {
      message.mutable_expired()->set_mailbox(expired->mailbox.wire());
      message.mutable_expired()->set_device(expired->device.wire());
      message.mutable_expired()->set_count(expired->count);
      outlet_.send(expired->link, message);
    }
  }
}

void Hub::tick(Instant now) {
  delivery_.tick(now);
  pump();
  if (!sweeping_) sweep(now);
}

void Hub::sweep(Instant) {
  const bool ask_receipts = receipts_unread_ && receipts_.empty();
  sweeping_ = ledger_.read([this, ask_receipts](store::Store& store, Instant now) -> std::function<void()> {
    const auto destroyed = store.destroy_due(now);
    const bool ask = ask_receipts || (destroyed && *destroyed > 0);
    auto receipts = ask ? store.receipts() : policy::base::Result<std::vector<pb::BucketReceipt>>();
    return [this, destroyed, ask, receipts = std::move(receipts)] {
      sweeping_ = false;
      const Error* const failure = !destroyed ? &destroyed.error() : !receipts ? &receipts.error() : nullptr;
      if (failure != nullptr && !store_failing_) log_(LogLevel::kError, "relay.store", to_string(*failure));
      if (failure == nullptr && store_failing_) log_(LogLevel::kInfo, "relay.store", "works again");
      store_failing_ = failure != nullptr;
      if (failure != nullptr) {
        receipts_unread_ = true;
        return;
      }
      if (*destroyed > 0) log_(LogLevel::kInfo, "relay.destroyed", std::to_string(*destroyed) + " buckets");
      if (ask) take_receipts(*receipts);
    };
  });
}

void Hub::take_receipts(std::vector<pb::BucketReceipt> receipts) {
  receipts_unread_ = receipts.size() >= core::kReceiptsReadMax;
  receipts_.clear();
  for (pb::BucketReceipt& receipt : receipts) receipts_.emplace(receipt.receipt(), std::move(receipt));
  send_receipts();
}

void Hub::send_receipts() {
  if (!carrier_) {
    receipts_sent_.clear();
    if (links_.empty()) return;
    carrier_ = *links_.begin();
  }
  for (const auto& [id, receipt] : receipts_) {
    if (!receipts_sent_.insert(id).second) continue;
    pb::FromRelay message;
    *message.mutable_receipt() = receipt;
    outlet_.send(*carrier_, message);
  }
}

void Hub::refuse(LinkId link, std::uint64_t request, const Error& error) {
  pb::FromRelay answer;
  answer.set_request(request);
  *answer.mutable_problem() = wire::to_problem(error);
  outlet_.send(link, answer);
}

void Hub::done(LinkId link, std::uint64_t request) {
  pb::FromRelay answer;
  answer.set_request(request);
  answer.mutable_done();
  outlet_.send(link, answer);
}

}  // namespace relay::server
