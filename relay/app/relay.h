// The relay as one object: store, store thread, hub and sockets on one loop, wired here and nowhere else.
//
// run() blocks until stop(), which may be called from any thread: nothing more is accepted, what is queued is written
// and answered, links are closed after what waits for them is sent, for at most kFlushSeconds.
#pragma once

#include <memory>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/net/loop.h"
#include "relay/net/socket.h"
#include "relay/net/tls.h"
#include "relay/server/group_commit.h"
#include "relay/server/hub.h"
#include "relay/server/link_server.h"
#include "relay/store/sqlite/store.h"

namespace relay::app {

class Relay {
 public:
  static constexpr std::int64_t kFlushSeconds = 5;

  struct Options {
    net::Address listen;
    std::string folder;
    std::uint64_t store_bytes_max = 0;
    net::TlsContext::Files tls;  // all empty for a unix socket
  };

  // Errors: settings.tls (TCP without mutual TLS), those of TLS. Null: no TLS.
  static policy::base::Result<std::shared_ptr<net::TlsContext>> load_tls(const Options& options);

  // Errors: those of load_tls, of the store and of the listener.
  static policy::base::Result<std::unique_ptr<Relay>> open(const Options& options, const policy::base::Clock& clock,
                                                           policy::base::Random& random, server::Log log);
  ~Relay();

  const net::Address& bound() const { return listener_->bound(); }
  void run();
  void stop();

  Relay(const policy::base::Clock& clock, std::shared_ptr<net::TlsContext> tls,
        std::unique_ptr<store::SqliteStore> store, server::Log log);

 private:
  void begin_stop();
  void finish_stop(std::int64_t until_ms);

  std::shared_ptr<net::TlsContext> tls_;
  net::Loop loop_;
  std::unique_ptr<store::SqliteStore> store_;
  server::GroupCommit ledger_;
  bus::InprocBus bus_;
  server::LinkServer links_;
  server::Hub hub_;
  std::unique_ptr<net::Listener> listener_;
  boost::asio::steady_timer flush_timer_;
};

}  // namespace relay::app
