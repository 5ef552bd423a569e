// The way to witnesses over HTTP (C2SP tlog-witness): one connection a request, over relay/net.
//
// A witness is at the URL of its line in the policy, its submission prefix: "https://HOST[:PORT][/PREFIX]", or
// "http://" for one on this machine, 127.0.0.1, [::1] or localhost, as behind an ssh tunnel. What goes over the way is
// signed on both ends; TLS keeps from others how busy the log is.
//
// Blocks the calling thread, kAnswerTime_ms at most beside the time to resolve a name. Thread-safe. Errors of the way:
// socket.connect, tls.handshake, channel.*, http.*, witness.silent, witness.by-file (its line in the policy has no
// URL).
#pragma once

#include <memory>
#include <string>

#include "audit/witness/collector.h"
#include "policy/base/clock.h"
#include "relay/net/socket.h"
#include "relay/net/tls.h"

namespace gateway::witness {

constexpr int kAnswerTime_ms = 5000;

struct WitnessUrl {
  relay::net::Address address;
  bool tls = false;
  std::string host;    // as in Host
  std::string prefix;  // without a last slash

  // Error: url.syntax.
  static policy::base::Result<WitnessUrl> parse(std::string_view text);
};

class HttpWay final : public audit::witness::Way {
 public:
  // `trust`: PEM of authorities; empty: the system's. Errors: those of TlsContext; url.syntax of a witness's URL.
  static policy::base::Result<std::unique_ptr<HttpWay>> open(const audit::checkpoint::TrustPolicy& policy,
                                                             const std::string& trust,
                                                             const policy::base::Clock& clock);

  policy::base::Result<Reply> add_checkpoint(const audit::checkpoint::KnownWitness& witness,
                                             const std::string& body) override;

 private:
  HttpWay(std::shared_ptr<relay::net::TlsContext> tls, const policy::base::Clock& clock)
      : tls_(std::move(tls)), clock_(clock) {}

  std::shared_ptr<relay::net::TlsContext> tls_;
  const policy::base::Clock& clock_;
};

}  // namespace gateway::witness
