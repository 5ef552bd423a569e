// One HTTPS request and its answer, blocking. A connection each: the login and the device lists are rare.
//
// Thread-safe. Errors: socket.connect, tls.handshake, https.lost, https.timeout, http.syntax, http.head-too-large,
// http.body-too-large. A refusal by the server is an answer here; see problem.h.
#pragma once

#include <cstdint>

#include "clients/transport/network.h"
#include "relay/net/http.h"

namespace clients::transport {

constexpr std::int64_t kHttpsTimeout_ms = 20'000;

policy::base::Result<relay::net::HttpResponse> https(Network& network, relay::net::HttpRequest request,
                                                     std::int64_t timeout_ms = kHttpsTimeout_ms);

}  // namespace clients::transport
