// The clients' side of a bench: one event loop on a thread of its own, TLS connections to one server on 127.0.0.1, and
// a way to do many things a bounded number at a time.
//
// The thread that made it posts work and waits; everything else runs on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "relay/net/channel.h"
#include "relay/net/loop.h"
#include "relay/net/tls.h"

namespace tests::bench {

class Lane {
 public:
  using Done = std::function<void(policy::base::Status)>;

  // Aborts when the authority's file cannot be read.
  Lane(std::uint16_t port, const std::string& ca_file);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Runs `work` on the loop and waits for its end.
  void run(std::function<void()> work);
  // start(i, done) for first ≤ i < last on the loop, `at_once` of them unfinished at any time. Waits for the end; the
  // first error ends it, and nothing further starts. `what` names it in a line of progress every two seconds.
  policy::base::Status for_each(std::size_t first, std::size_t last, std::size_t at_once, const std::string& what,
                                const std::function<void(std::size_t, Done)>& start);

  // Loop thread.
  policy::base::Result<std::shared_ptr<relay::net::Channel>> dial();

  // Ends the loop; nothing runs afterwards. The destructor calls it.
  void stop();

  std::uint16_t port() const { return port_; }
  const policy::base::Clock& clock() const { return clock_; }

 private:
  policy::base::SystemClock clock_;
  std::uint16_t port_;
  std::shared_ptr<relay::net::TlsContext> tls_;
  relay::net::Loop loop_{clock_};
  std::thread thread_;
};

}  // namespace tests::bench
