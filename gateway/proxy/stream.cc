#include "gateway/proxy/stream.h"

#include "gateway/proxy/exchange.h"

namespace gateway::proxy {

using policy::base::as_bytes;
using policy::base::ByteView;
using policy::base::Error;
using relay::net::WsOpcode;

Stream::Stream(Exchange& exchange, std::shared_ptr<relay::net::Channel> channel, policy::base::DeviceId device,
               policy::base::MailboxId mailbox, policy::base::Instant expires_at)
    : expires(expires_at),
      exchange_(exchange),
      channel_(std::move(channel)),
      decoder_(relay::net::WsRole::kServer, relay::wire::kFrameBytesMax),
      device_(device),
      mailbox_(mailbox) {
  channel_->hand_over(*this);
}

void Stream::send(const pb::ServerFrame& frame) {
  if (ended) return;
  channel_->send(as_bytes(relay::net::ws_frame(WsOpcode::kBinary, frame.SerializeAsString())));
}

void Stream::answer(std::uint64_t request, const Error& error) {
  pb::ServerFrame frame;
  frame.set_request(request);
  *frame.mutable_problem() = relay::wire::to_problem(error);
  send(frame);
}

void Stream::ping() {
  pinged = true;
  channel_->send(as_bytes(relay::net::ws_frame(WsOpcode::kPing, {})));
}

void Stream::close(std::uint16_t code, std::string_view reason) {
  if (ended) return;
  channel_->send(as_bytes(relay::net::ws_close(code, reason)));
  channel_->close_after_send();
  exchange_.forget(*this);
}

std::size_t Stream::on_bytes(ByteView bytes) {
  const auto self = shared_from_this();
  heard_s = exchange_.second();
  pinged = false;
  std::size_t consumed = 0;
  while (!ended && consumed < bytes.size()) {
    auto decoded = decoder_.decode(bytes.subspan(consumed));
    if (!decoded) {
      close(relay::net::ws_close_code(decoded.error()), decoded.error().seen);
      break;
    }
    if (decoded->consumed == 0) break;
    consumed += decoded->consumed;
    if (decoded->event && !on_event(std::move(*decoded->event))) break;
  }
  return consumed;
}

bool Stream::on_event(relay::net::WsEvent event) {
  switch (event.opcode) {
    case WsOpcode::kPing: channel_->send(as_bytes(relay::net::ws_frame(WsOpcode::kPong, event.payload))); return true;
    case WsOpcode::kPong: return true;
    case WsOpcode::kClose: close(1000, ""); return false;
    default: break;
  }
  auto frame = relay::wire::parse_client_frame(as_bytes(event.payload));
  if (!frame) {
    // The request number may be unreadable, so the answer is a pushed problem; the stream itself is sound.
    answer(0, frame.error());
    return true;
  }
  exchange_.on_frame(*this, std::move(*frame));
  return !ended;
}

void Stream::on_closed(const Error&) { exchange_.forget(*this); }

}  // namespace gateway::proxy
