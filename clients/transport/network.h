// One loop on one thread, and the trust in the server: what HTTPS and the stream of a process share.
//
// Start it once in a command, after every fork. `clock` outlives it. Destroying it ends the thread; no callback comes
// after. Thread-safe. Errors of start(): tls.trust.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "clients/transport/server_url.h"
#include "policy/base/clock.h"
#include "relay/net/channel.h"
#include "relay/net/loop.h"
#include "relay/net/tls.h"

namespace clients::transport {

// Called at every second on the loop's thread while somebody holds it.
class Ticking {
 public:
  virtual void on_second() = 0;

 protected:
  ~Ticking() = default;
};

// A channel that failed below TLS, as a person reads it: code socket.connect.
policy::base::Error unreachable(const policy::base::Error& why);

class Network {
 public:
  // `ca_file` empty: the system's authorities.
  static policy::base::Result<std::unique_ptr<Network>> start(const policy::base::Clock& clock, ServerUrl server,
                                                              const std::string& ca_file);
  ~Network();
  Network(const Network&) = delete;

  const ServerUrl& server() const { return server_; }
  const policy::base::Clock& clock() const { return loop_.clock(); }
  void post(std::function<void()> work) { loop_.post(std::move(work)); }

  // Starts to connect, blocking only while the name is resolved; then runs `ready(channel)` on the loop's thread.
  // Error: socket.connect.
  policy::base::Status dial(std::function<void(std::shared_ptr<relay::net::Channel>)> ready);

  // Loop thread.
  void tick(std::weak_ptr<Ticking> ticking) { ticking_ = std::move(ticking); }

 private:
  Network(const policy::base::Clock& clock, ServerUrl server, std::shared_ptr<relay::net::TlsContext> tls);

  ServerUrl server_;
  std::shared_ptr<relay::net::TlsContext> tls_;
  relay::net::Loop loop_;
  std::weak_ptr<Ticking> ticking_;
  std::thread thread_;
};

}  // namespace clients::transport
