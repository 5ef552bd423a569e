// A TLS connection that sends whatever bytes a test wants, and keeps what comes back: for saying wrong things.
//
// One test thread; the network's loop has the other side. The network outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clients/transport/network.h"

namespace tests::support {

class RawConnection {
 public:
  explicit RawConnection(clients::transport::Network& network);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // Queued until the handshake is done.
  void send(std::string bytes);
  // Waits until `marker` has come, the other side has closed or the time is over; everything that has come.
  std::string wait_for(std::string_view marker, int timeout_ms = 5000);
  // Waits until so many bytes more than `after` have come, or as above.
  std::string wait_beyond(std::size_t after, int timeout_ms = 5000);
  // Everything that has come; nothing if the other side has not closed in time.
  std::optional<std::string> wait_closed(int timeout_ms = 5000);

 private:
  class End;
  clients::transport::Network& network_;
  std::shared_ptr<End> end_;
};

// A connection without TLS: milliseconds until the other side closes it, after these bytes were sent; nothing if it is
// still open after the time.
std::optional<int> plain_connection_closed_after(std::uint16_t port, std::string_view bytes, int timeout_ms);

}  // namespace tests::support
