// Accepts gateways on a socket and carries link frames between them and the hub. A link says Hello first, within
// kHelloSeconds, or is closed; so is one that breaks the protocol, and one that takes nothing for kStallSeconds while
// bytes wait for it.
//
// One loop, one thread. `loop`, `tls` and the hub outlive it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>

#include "relay/net/channel.h"
#include "relay/net/loop.h"
#include "relay/net/socket.h"
#include "relay/server/hub.h"

namespace relay::server {

class LinkServer final : public Outlet {
 public:
  static constexpr std::size_t kLinksMax = 64;
  static constexpr std::int64_t kHelloSeconds = 10;
  static constexpr std::int64_t kStallSeconds = 30;
  static constexpr std::size_t kFullBytes = 1024 * 1024;  // deliveries pause above
  static constexpr std::size_t kOpenBytes = 256 * 1024;   // and go on below
  static constexpr std::uint32_t kProtocolVersion = 1;

  LinkServer(net::Loop& loop, const net::TlsContext* tls, Log log);
  ~LinkServer();
  LinkServer(const LinkServer&) = delete;
  LinkServer& operator=(const LinkServer&) = delete;

  // The hub is made with this as its outlet, so it comes after.
  void attach(Hub& hub) { hub_ = &hub; }
  void accept(int fd);
  void send(LinkId link, const pb::FromRelay& message) override;
  void tick(core::Instant now);
  // Sends what waits and closes all links; nothing is accepted any more.
  void close_all();
  std::size_t unsent() const;
  std::size_t links() const { return links_.size(); }

 private:
  class Link;
  void hello(Link& link, const pb::ToRelay& message);
  void drop(LinkId id, const policy::base::Error& why);
  void watch_full();

  net::Loop& loop_;
  const net::TlsContext* tls_;
  Log log_;
  Hub* hub_ = nullptr;
  std::map<LinkId, std::unique_ptr<Link>> links_;
  std::uint64_t last_link_ = 0;
  boost::asio::steady_timer full_timer_;
  bool watching_ = false;
  bool closing_ = false;
};

}  // namespace relay::server
