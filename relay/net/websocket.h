// The WebSocket protocol (RFC 6455) as a pure codec: bytes to frames and back, no socket, no buffer of its own.
//
// Beast's websocket::stream keeps a 1.5 KiB read buffer and a pending operation for each idle connection; the budget of
// an idle session is 2 KiB in all (design § 6), so framing is done here on the channel's shared buffer. Strict: no
// extensions (RSV bits 0), clients mask and servers do not, control frames whole and at most 125 bytes, lengths in the
// shortest form, binary messages only (text is refused: the subprotocol is binary), messages assembled up to a bound.
//
// Errors: websocket.protocol (close code 1002), websocket.text (1003), websocket.too-large (1009), websocket.handshake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace relay::net {

enum class WsOpcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };
enum class WsRole : std::uint8_t { kServer, kClient };  // of the side that decodes or encodes

struct WsEvent {
  WsOpcode opcode = WsOpcode::kBinary;  // kBinary, kClose, kPing or kPong
  std::string payload;                  // a whole message; for kClose: two bytes of code and a reason, or nothing
};

struct WsDecoded {
  std::optional<WsEvent> event;  // nothing: a fragment was taken in
  std::size_t consumed = 0;      // 0: more bytes are needed
};

class WsDecoder {
 public:
  WsDecoder(WsRole role, std::size_t message_bytes_max)
      : message_bytes_max_(static_cast<std::uint32_t>(message_bytes_max)), role_(role) {}
  // Looks at the first frame in `bytes`.
  policy::base::Result<WsDecoded> decode(policy::base::ByteView bytes);

 private:
  policy::base::Result<WsDecoded> control(WsOpcode opcode, std::string payload, std::size_t consumed);

  std::string assembled_;  // of a fragmented message; else empty
  std::uint32_t message_bytes_max_;
  WsRole role_;
  bool fragmented_ = false;
};

// One unfragmented frame. A client passes four random bytes as `mask` (RFC 6455 § 5.3); a server none.
std::string ws_frame(WsOpcode opcode, std::string_view payload, std::optional<std::uint32_t> mask = std::nullopt);
std::string ws_close(std::uint16_t code, std::string_view reason, std::optional<std::uint32_t> mask = std::nullopt);
// Close code that answers a decoder error.
std::uint16_t ws_close_code(const policy::base::Error& error);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 § 4.2.2).
std::string ws_accept(std::string_view key);

}  // namespace relay::net
