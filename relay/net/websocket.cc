#include "relay/net/websocket.h"

#include <openssl/evp.h>

#include <array>

namespace relay::net {
namespace {

using policy::base::ByteView;
using policy::base::fail;
using policy::base::Result;

constexpr std::size_t kControlBytesMax = 125;  // RFC 6455 § 5.5

struct Header {
  WsOpcode opcode = WsOpcode::kBinary;
  bool final = false;
  bool masked = false;
  std::uint64_t payload_size = 0;
  std::size_t size = 0;  // of the header itself; 0: more bytes are needed
};

std::unexpected<policy::base::Error> broken(std::string seen, std::string allowed) {
  return fail("websocket.protocol", std::move(seen), std::move(allowed));
}

bool known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

Result<Header> read_header(ByteView bytes) {
  Header header;
  if (bytes.size() < 2) return header;
  if ((bytes[0] & 0x70) != 0) return broken("a frame with reserved bits", "no extension was agreed (RFC 6455 § 5.2)");
  const std::uint8_t opcode = bytes[0] & 0x0F;
  if (!known(opcode)) return broken("opcode " + std::to_string(opcode), "0, 1, 2, 8, 9, 10");
  header.opcode = static_cast<WsOpcode>(opcode);
  header.final = (bytes[0] & 0x80) != 0;
  header.masked = (bytes[1] & 0x80) != 0;
  const std::uint8_t short_size = bytes[1] & 0x7F;
  const std::size_t extra = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
  const std::size_t size = 2 + extra + (header.masked ? 4U : 0U);
  if (opcode >= 8 && (!header.final || extra != 0))
    return broken("a control frame in parts or over 125 bytes", "whole, at most 125 bytes (RFC 6455 § 5.5)");
  if (bytes.size() < size) return header;
  header.payload_size = short_size;
  if (extra != 0) {
    header.payload_size = 0;
    for (std::size_t i = 0; i < extra; ++i) header.payload_size = (header.payload_size << 8) | bytes[2 + i];
    if (header.payload_size < (extra == 2 ? 126U : 65536U))
      return broken("a length that is not in its shortest form", "RFC 6455 § 5.2");
  }
  header.size = size;
  return header;
}

}  // namespace

Result<WsDecoded> WsDecoder::decode(ByteView bytes) {
  auto header = read_header(bytes);
  if (!header) return std::unexpected(header.error());
  if (bytes.size() >= 2 && header->masked != (role_ == WsRole::kServer)) {
    return broken(header->masked ? "a masked frame from the server" : "an unmasked frame from the client",
                  "clients mask, servers do not (RFC 6455 § 5.1)");
  }
  if (header->size == 0) return WsDecoded{};
  if (header->payload_size > message_bytes_max_ - std::min<std::size_t>(assembled_.size(), message_bytes_max_)) {
    return fail("websocket.too-large",
                "a message of " + std::to_string(assembled_.size() + header->payload_size) + " bytes",
                "at most " + std::to_string(message_bytes_max_), "send a smaller message");
  }
  const auto payload_size = static_cast<std::size_t>(header->payload_size);
  if (bytes.size() - header->size < payload_size) return WsDecoded{};
  std::string payload(policy::base::as_text(bytes.subspan(header->size, payload_size)));
  if (header->masked) {
    const ByteView mask = bytes.subspan(header->size - 4, 4);
    for (std::size_t i = 0; i < payload.size(); ++i)
      payload[i] = static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % 4]);
  }
  const std::size_t consumed = header->size + payload_size;
  if (header->opcode >= WsOpcode::kClose) return control(header->opcode, std::move(payload), consumed);
  if (header->opcode == WsOpcode::kText)
    return fail("websocket.text", "a text message", "binary messages of feierabend.v1");
  if ((header->opcode == WsOpcode::kContinuation) != fragmented_)
    return broken("a fragment out of turn", "RFC 6455 § 5.4");
  if (header->final && !fragmented_) return WsDecoded{WsEvent{WsOpcode::kBinary, std::move(payload)}, consumed};
  assembled_ += payload;
  fragmented_ = !header->final;
  if (fragmented_) return WsDecoded{std::nullopt, consumed};
  return WsDecoded{WsEvent{WsOpcode::kBinary, std::exchange(assembled_, {})}, consumed};
}

Result<WsDecoded> WsDecoder::control(WsOpcode opcode, std::string payload, std::size_t consumed) {
  if (opcode == WsOpcode::kClose && payload.size() == 1)
    return broken("a close frame with one byte", "nothing or two bytes of code (RFC 6455 § 5.5.1)");
  return WsDecoded{WsEvent{opcode, std::move(payload)}, consumed};
}

std::string ws_frame(WsOpcode opcode, std::string_view payload, std::optional<std::uint32_t> mask) {
  std::string out;
  out.reserve(payload.size() + 14);
  out += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  const std::uint8_t mask_bit = mask ? 0x80 : 0;
  const std::size_t extra = payload.size() < 126 ? 0 : payload.size() < 65536 ? 2 : 8;
  out += static_cast<char>(mask_bit | (extra == 0 ? payload.size() : extra == 2 ? 126 : 127));
  for (std::size_t i = extra; i > 0; --i) out += static_cast<char>(payload.size() >> ((i - 1) * 8));
  if (!mask) return out.append(payload);
  std::array<std::uint8_t, 4> key{};
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<std::uint8_t>(*mask >> (24 - 8 * i));
  for (const std::uint8_t byte : key) out += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ key[i % 4]);
  return out;
}

std::string ws_close(std::uint16_t code, std::string_view reason, std::optional<std::uint32_t> mask) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += reason.substr(0, kControlBytesMax - 2);
  return ws_frame(WsOpcode::kClose, payload, mask);
}

std::uint16_t ws_close_code(const policy::base::Error& error) {
  if (error.code == "websocket.text") return 1003;
  if (error.code == "websocket.too-large") return 1009;
  return 1002;
}

std::string ws_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 § 1.3
  std::array<std::uint8_t, 20> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return policy::base::to_base64(digest);
}

}  // namespace relay::net
