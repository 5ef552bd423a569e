// Errors as HTTP answers: application/problem+json (RFC 9457).
#pragma once

#include "policy/base/result.h"
#include "relay/net/http.h"

namespace gateway::http {

// The status that belongs to an error's code; 500 for a code nobody has mapped, so that a gap is visible in a test.
unsigned status_of(const policy::base::Error& error);

relay::net::HttpResponse problem_response(const policy::base::Error& error);
relay::net::HttpResponse json_response(std::string json);

}  // namespace gateway::http
