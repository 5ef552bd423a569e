// The engine's way to the server: one stream of frames, and somebody who opens one.
//
// A Link is dead after its first error and is then replaced. Errors of receive() and send(): stream.lost, wire.* (the
// server sent what is no frame). Errors of dial(): what the server answered (its code), socket.connect, tls.handshake,
// stream.timeout. Used by one thread; the implementation may have its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "policy/base/result.h"
#include "relay/wire/codec.h"

namespace clients::core {

class Link {
 public:
  virtual ~Link() = default;
  virtual policy::base::Status send(const relay::wire::pb::ClientFrame& frame) = 0;
  // Waits up to `timeout_ms`; nothing when nothing has come.
  virtual policy::base::Result<std::optional<relay::wire::pb::ServerFrame>> receive(std::int64_t timeout_ms) = 0;
  // Readable while receive() would not wait; -1 where there is no such descriptor.
  virtual int ready_fd() const { return -1; }
};

class Dialer {
 public:
  virtual ~Dialer() = default;
  // Blocks until the stream is open or the attempt has failed.
  virtual policy::base::Result<std::unique_ptr<Link>> dial() = 0;
};

}  // namespace clients::core
