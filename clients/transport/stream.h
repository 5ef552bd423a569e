// The stream of frames: WebSocket subprotocol feierabend.v1 under /v1/stream, opened with the device's proof.
//
// Answers the server's pings and sends its own; a server that has said nothing for kSilence_s is lost. Frames that came
// wait in a bounded queue until the engine takes them. Errors: those of core/link.h; besides, what the server says when
// it ends the stream: session.expired, device.wiped, device.removed, stream.replaced (a newer connection of the same
// device).
#pragma once

#include "clients/core/link.h"
#include "clients/transport/network.h"
#include "clients/transport/proof.h"

namespace clients::transport {

constexpr std::int64_t kOpenTimeout_ms = 15'000;
constexpr std::int64_t kPingEvery_s = 30;
constexpr std::int64_t kSilence_s = 75;
constexpr std::size_t kInboxFramesMax = 1024;  // the relay sends 64 unacknowledged; the rest are answers and gates

class StreamDialer final : public core::Dialer {
 public:
  // All outlive the dialer and its links.
  StreamDialer(Network& network, const Credentials& credentials, policy::base::Random& random)
      : network_(network), credentials_(credentials), random_(random) {}
  policy::base::Result<std::unique_ptr<core::Link>> dial() override;

 private:
  Network& network_;
  const Credentials& credentials_;
  policy::base::Random& random_;
};

}  // namespace clients::transport
