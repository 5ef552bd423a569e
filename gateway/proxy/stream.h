// One device's open stream: WebSocket frames in, validated client frames out to the exchange; server frames back.
//
// Small on purpose, because tens of thousands stand idle: no buffer, no timer, no pending work of its own. Times are
// seconds of the exchange's tick. Loop thread only; owned by the exchange; dies when its channel closes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/session/session.h"
#include "policy/base/bytes.h"
#include "relay/net/channel.h"
#include "relay/net/websocket.h"
#include "relay/wire/codec.h"

namespace gateway::proxy {

namespace pb = ::feierabend::v1;
class Exchange;
struct Presence;

class Stream final : public relay::net::ChannelOwner, public std::enable_shared_from_this<Stream> {
 public:
  // A client may have this many requests unanswered, and search this often a minute (harvesting the directory is an
  // attack: reference security A12).
  static constexpr std::uint8_t kRequestsMax = 64;
  static constexpr std::uint8_t kSearchesPerMinuteMax = 30;

  Stream(Exchange& exchange, std::shared_ptr<relay::net::Channel> channel, policy::base::DeviceId device,
         policy::base::MailboxId mailbox, policy::base::Instant expires);

  void send(const pb::ServerFrame& frame);
  void answer(std::uint64_t request, const policy::base::Error& error);
  void ping();
  // Sends a close frame, then closes. The exchange forgets the stream.
  void close(std::uint16_t code, std::string_view reason);

  const policy::base::DeviceId& device() const { return device_; }
  const policy::base::MailboxId& mailbox() const { return mailbox_; }

  // The exchange's notes about this stream.
  Presence* presence = nullptr;
  policy::base::Instant expires;
  std::uint32_t heard_s = 0;  // low bits of the last instant a byte came
  std::uint8_t requests = 0;  // unanswered
  std::uint8_t searches = 0;  // in the running minute
  bool foreground = true;
  bool waiting = false;  // the device, for consent: it is sent no message
  bool pinged = false;
  bool ready = false;                        // the relay knows the device
  policy::base::Instant handshakes_until{};  // they pass although routine messages are held (Exchange::levels)
  bool woke_at_rest = false;  // an alarm or urgent message was sent while the person rests; not yet acknowledged
  bool ended = false;

 private:
  std::size_t on_bytes(policy::base::ByteView bytes) override;
  void on_closed(const policy::base::Error& why) override;
  bool on_event(relay::net::WsEvent event);

  Exchange& exchange_;
  std::shared_ptr<relay::net::Channel> channel_;
  relay::net::WsDecoder decoder_;
  policy::base::DeviceId device_;
  policy::base::MailboxId mailbox_;
};

}  // namespace gateway::proxy
