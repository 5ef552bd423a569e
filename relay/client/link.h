// A gateway's link to the relay: one connection on one loop, kept up by itself, requests matched with answers.
//
// While the link is down every request fails at once with relay.unavailable, and so does every request that was on its
// way when it broke: the relay may or may not have done it, and a repeat is harmless (accepts are idempotent by client
// message id, the rest by nature). After on_up the owner subscribes its devices again.
//
// Loop thread only. Callbacks come from the loop, never from inside a call. The handlers outlive the link.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "policy/base/bytes.h"
#include "policy/base/result.h"
#include "relay/net/channel.h"
#include "relay/net/socket.h"
#include "relay/wire/client.pb.h"
#include "relay/wire/link.pb.h"

namespace relay::client {

namespace pb = ::feierabend::v1;
using policy::base::DeviceId;
using policy::base::Error;
using policy::base::MailboxId;
using policy::base::Result;
using policy::base::Status;

struct Handlers {
  std::function<void()> on_up;
  std::function<void(const Error&)> on_down;
  std::function<void(pb::DeviceDelivery)> on_delivery;
  std::function<void(const pb::BucketReceipt&)> on_receipt;
  std::function<void(const pb::MailboxExpired&)> on_expired;
};

class Link {
 public:
  static constexpr std::size_t kOutstandingMax = 100'000;

  Link(net::Loop& loop, net::Address address, const net::TlsContext* tls, Handlers handlers);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();
  bool up() const;

  // Durable when answered without an error. Errors: relay.unavailable, relay.busy, and the relay's own.
  void accept(pb::Accept accept, std::function<void(Result<pb::AcceptResult>)> then);
  void create(pb::CreateConversation conversation, std::function<void(Status)> then);
  void register_device(const MailboxId& mailbox, const DeviceId& device, std::function<void(Status)> then);
  void remove_device(const DeviceId& device, std::function<void(Status)> then);
  void status(pb::RelayStatusQuery query, std::function<void(Result<pb::RelayStatus>)> then);

  // Not answered; forgotten while the link is down.
  void subscribe(const DeviceId& device, std::uint32_t classes);
  void unsubscribe(const DeviceId& device);
  void ack(const DeviceId& device, const pb::Ack& ack);
  void receipt_ack(std::uint64_t receipt);
  void expired_ack(const MailboxId& mailbox, std::uint64_t count);

 private:
  class Connection;
  using Answer = std::function<void(Result<pb::FromRelay>)>;

  void connect();
  void connect_later();
  void on_open();
  void on_frame(pb::FromRelay frame);
  void on_closed(const Error& why);
  void request(pb::ToRelay frame, Answer answer);
  void request_done(pb::ToRelay frame, std::function<void(Status)> then);
  void tell(const pb::ToRelay& frame);

  net::Loop& loop_;
  net::Address address_;
  const net::TlsContext* tls_;
  Handlers handlers_;
  std::shared_ptr<Connection> connection_;  // none while waiting to connect again
  std::unordered_map<std::uint64_t, Answer> waiting_;
  std::uint64_t last_request_ = 0;
  std::uint32_t failures_ = 0;
  bool ready_ = false;
  boost::asio::steady_timer retry_;
};

}  // namespace relay::client
