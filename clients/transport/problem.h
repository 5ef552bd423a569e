// A refusal as it comes over HTTP: application/problem+json (RFC 9457) with the members of relay.wire Problem. Members
// that this version does not know are passed over. Everything in the error is safe to print.
//
// Pure. What is no such document becomes https.status with the status that was seen.
#pragma once

#include <string_view>

#include "policy/base/result.h"
#include "relay/net/http.h"

namespace clients::transport {

policy::base::Error problem_of(const relay::net::HttpResponse& response);

}  // namespace clients::transport
