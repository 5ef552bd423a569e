// Where connections come in on one loop: accepts, bounds their number, and shows the slow and the idle out.
//
// Loop thread only after start(). Everything given outlives it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/console/api.h"
#include "gateway/listener/connection.h"
#include "gateway/proxy/exchange.h"
#include "gateway/proxy/workers.h"
#include "relay/net/socket.h"

namespace gateway::listener {

struct Origins {
  // Exact values of Origin that may open a stream, as "https://messenger.example:8443". A missing Origin is refused:
  // our own clients send one, and a browser cannot leave it out.
  std::vector<std::string> allowed;
  bool admits(std::string_view origin) const;
};

class FrontDoor {
 public:
  static constexpr std::uint32_t kHandshake_s = 10;     // for TLS and the first head
  static constexpr std::uint32_t kIdle_s = 30;          // between requests
  static constexpr std::uint32_t kWork_s = 60;          // for an answer of directory and store
  static constexpr std::size_t kConnectionsMax = 4096;  // that are not yet streams

  struct Parts {
    relay::net::Loop& loop;
    const relay::net::TlsContext& tls;
    console::Api& api;
    proxy::Exchange& exchange;
    proxy::Workers& workers;
    const Origins& origins;
  };
  explicit FrontDoor(Parts parts) : parts_(parts) {}

  void start(std::unique_ptr<relay::net::Listener> listener);
  void stop();

  const Parts& parts() const { return parts_; }
  void forget(Connection& connection);
  std::uint32_t second() const { return static_cast<std::uint32_t>(parts_.loop.clock().elapsed_ms() / 1000); }

 private:
  void sweep();

  Parts parts_;
  std::unique_ptr<relay::net::Listener> listener_;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
};

}  // namespace gateway::listener
