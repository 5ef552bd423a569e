// Sockets by address text, for daemons and clients: "tcp:127.0.0.1:8443", "tcp:[::1]:0",
// "unix:/run/feierabend/relay.sock". Non-blocking, close-on-exec. Errors: address.syntax, socket.bind, socket.connect,
// with the address.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "policy/base/result.h"
#include "relay/net/loop.h"

namespace relay::net {

struct Address {
  bool unix_socket = false;
  std::string host;  // or the path of a unix socket
  std::uint16_t port = 0;
  std::string text() const;
};

policy::base::Result<Address> parse_address(const std::string& text);

// Accepts on `address`; port 0 takes a free one, see bound(). `reuse_port` lets several loops accept on the same port,
// so that a session is born on the thread it stays on. A unix socket file is replaced if nobody listens on it, gets
// mode 0600, and is removed at the end.
class Listener {
 public:
  static policy::base::Result<std::unique_ptr<Listener>> open(Loop& loop, const Address& address,
                                                              bool reuse_port = false);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Loop thread. `on_accept(fd)` owns the descriptor. Out of descriptors: stops accepting for a second, keeps the
  // queue.
  void start(std::function<void(int fd)> on_accept);
  void stop();
  const Address& bound() const { return bound_; }

  Listener(Loop& loop, int fd, Address bound);

 private:
  void wait();
  void accept_waiting();

  Loop& loop_;
  boost::asio::posix::stream_descriptor descriptor_;
  Address bound_;
  std::function<void(int)> on_accept_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Starts to connect; the descriptor becomes writable when it is. Numeric addresses and "localhost" at once; other names
// through getaddrinfo, which blocks: call it off the loop then.
policy::base::Result<int> connect_socket(const Address& address);

}  // namespace relay::net
