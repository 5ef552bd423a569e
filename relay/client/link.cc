#include "relay/client/link.h"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>

#include "relay/wire/codec.h"

namespace relay::client {
namespace {

using policy::base::as_bytes;
using policy::base::ByteView;
using policy::base::fail;

constexpr net::ChannelLimits kLimits{64 * 1024 * 1024, wire::kFrameBytesMax + 4};
constexpr std::uint32_t kRetryFirst_ms = 50;
constexpr std::uint32_t kRetryMax_ms = 5'000;

Error unavailable() {
  return {"relay.unavailable", "the relay cannot be reached", "",
          "the message stays with you; it is sent when the service is back", ""};
}

}  // namespace

// One connection; forgets its link when the link lets go of it.
class Link::Connection final : public net::ChannelOwner, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Link& link, std::shared_ptr<net::Channel> channel) : link_(&link), channel_(std::move(channel)) {}
  ~Connection() { channel_->close(); }
  void start() { channel_->start(*this); }
  void send(const pb::ToRelay& frame) { channel_->send(as_bytes(wire::frame(frame))); }
  void abandon() {
    link_ = nullptr;
    channel_->close();
  }

 private:
  void on_open() override {
    if (link_ != nullptr) link_->on_open();
  }
  std::size_t on_bytes(ByteView bytes) override {
    const auto self = shared_from_this();
    std::size_t consumed = 0;
    while (link_ != nullptr) {
      const auto size = wire::frame_size(bytes.subspan(consumed));
      if (!size) return broken(size.error()), bytes.size();
      if (!*size || bytes.size() - consumed < **size) break;
      auto frame = wire::parse_from_relay(bytes.subspan(consumed + 4, **size - 4));
      consumed += **size;
      if (!frame) return broken(frame.error()), bytes.size();
      link_->on_frame(std::move(*frame));
    }
    return consumed;
  }
  void on_closed(const Error& why) override { broken(why); }
  void broken(const Error& why) {
    channel_->close();
    if (Link* const link = std::exchange(link_, nullptr)) link->on_closed(why);
  }

  Link* link_;
  std::shared_ptr<net::Channel> channel_;
};

Link::Link(net::Loop& loop, net::Address address, const net::TlsContext* tls, Handlers handlers)
    : loop_(loop), address_(std::move(address)), tls_(tls), handlers_(std::move(handlers)), retry_(loop.context()) {}

Link::~Link() {
  retry_.cancel();
  if (connection_) connection_->abandon();
}

void Link::start() { connect(); }
bool Link::up() const { return ready_; }

void Link::connect() {
  const auto fd = net::connect_socket(address_);
  if (!fd) return connect_later();
  connection_ = std::make_shared<Connection>(*this, net::Channel::dial(loop_, *fd, tls_, address_.host, kLimits));
  connection_->start();
}

// Exponential with jitter, so that many gateways do not come back in step.
void Link::connect_later() {
  const std::uint32_t ceiling = std::min(kRetryMax_ms, kRetryFirst_ms << std::min(failures_, 7U));
  ++failures_;
  retry_.expires_after(std::chrono::milliseconds(ceiling / 2 + randombytes_uniform(ceiling / 2 + 1)));
  retry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) connect();
  });
}

void Link::on_open() {
  pb::ToRelay hello;
  hello.mutable_hello()->set_version(1);
  hello.mutable_hello()->set_instance("gateway-" + std::to_string(::getpid()));
  hello.set_request(++last_request_);
  connection_->send(hello);
}

void Link::on_closed(const Error& why) {
  connection_.reset();
  const bool was_ready = std::exchange(ready_, false);
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& [request, answer] : waiting) answer(std::unexpected(unavailable()));
  if (was_ready) handlers_.on_down(why);
  connect_later();
}

void Link::on_frame(pb::FromRelay frame) {
  switch (frame.body_case()) {
    case pb::FromRelay::kReady:
      failures_ = 0;
      ready_ = true;
      return handlers_.on_up();
    case pb::FromRelay::kDelivery: return handlers_.on_delivery(std::move(*frame.mutable_delivery()));
    case pb::FromRelay::kReceipt: return handlers_.on_receipt(frame.receipt());
    case pb::FromRelay::kExpired: return handlers_.on_expired(frame.expired());
    default: break;
  }
  const auto found = waiting_.find(frame.request());
  if (found == waiting_.end()) return;
  const Answer answer = std::move(found->second);
  waiting_.erase(found);
  if (frame.has_problem()) return answer(std::unexpected(wire::to_error(frame.problem())));
  answer(std::move(frame));
}

void Link::request(pb::ToRelay frame, Answer answer) {
  const bool full = waiting_.size() >= kOutstandingMax;
  if (!ready_ || full) {
    const Error why =
        full ? Error{"relay.busy", "too many requests wait for the relay", "", "try again in a few seconds", ""}
             : unavailable();
    return loop_.post([answer = std::move(answer), why] { answer(std::unexpected(why)); });
  }
  frame.set_request(++last_request_);
  waiting_.emplace(last_request_, std::move(answer));
  connection_->send(frame);
}

void Link::request_done(pb::ToRelay frame, std::function<void(Status)> then) {
  request(std::move(frame), [then = std::move(then)](Result<pb::FromRelay> answer) {
    then(answer ? Status{} : Status(std::unexpected(answer.error())));
  });
}

void Link::tell(const pb::ToRelay& frame) {
  if (ready_) connection_->send(frame);
}

void Link::accept(pb::Accept accept, std::function<void(Result<pb::AcceptResult>)> then) {
  pb::ToRelay frame;
  *frame.mutable_accept() = std::move(accept);
  request(std::move(frame), [then = std::move(then)](Result<pb::FromRelay> answer) {
    if (!answer) return then(std::unexpected(answer.error()));
    if (!answer->has_accepted())
      return then(fail("relay.protocol", "another answer than the one asked for", "AcceptResult"));
    then(answer->accepted());
  });
}

void Link::create(pb::CreateConversation conversation, std::function<void(Status)> then) {
  pb::ToRelay frame;
  *frame.mutable_create() = std::move(conversation);
  request_done(std::move(frame), std::move(then));
}

void Link::register_device(const MailboxId& mailbox, const DeviceId& device, std::function<void(Status)> then) {
  pb::ToRelay frame;
  frame.mutable_register_device()->set_mailbox(mailbox.wire());
  frame.mutable_register_device()->set_device(device.wire());
  request_done(std::move(frame), std::move(then));
}

void Link::remove_device(const DeviceId& device, std::function<void(Status)> then) {
  pb::ToRelay frame;
  frame.mutable_remove_device()->set_device(device.wire());
  request_done(std::move(frame), std::move(then));
}

void Link::status(pb::RelayStatusQuery query, std::function<void(Result<pb::RelayStatus>)> then) {
  pb::ToRelay frame;
  *frame.mutable_status() = std::move(query);
  request(std::move(frame), [then = std::move(then)](Result<pb::FromRelay> answer) {
    if (!answer) return then(std::unexpected(answer.error()));
    if (!answer->has_status())
      return then(fail("relay.protocol", "another answer than the one asked for", "RelayStatus"));
    then(answer->status());
  });
}

void Link::subscribe(const DeviceId& device, std::uint32_t classes) {
  pb::ToRelay frame;
  frame.mutable_subscribe()->set_device(device.wire());
  frame.mutable_subscribe()->set_classes(classes);
  tell(frame);
}

void Link::unsubscribe(const DeviceId& device) {
  pb::ToRelay frame;
  frame.mutable_unsubscribe()->set_device(device.wire());
  tell(frame);
}

void Link::ack(const DeviceId& device, const pb::Ack& ack) {
  pb::ToRelay frame;
  auto* const out = frame.mutable_ack();
  out->set_device(device.wire());
  out->set_conversation(ack.conversation());
  out->set_message_class(ack.message_class());
  out->set_sequence(ack.sequence());
  tell(frame);
}

void Link::receipt_ack(std::uint64_t receipt) {
  pb::ToRelay frame;
  frame.mutable_receipt_ack()->set_receipt(receipt);
  tell(frame);
}

void Link::expired_ack(const MailboxId& mailbox, std::uint64_t count) {
  pb::ToRelay frame;
  frame.mutable_expired_ack()->set_mailbox(mailbox.wire());
  frame.mutable_expired_ack()->set_count(count);
  tell(frame);
}

}  // namespace relay::client
