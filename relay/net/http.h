// HTTP/1.1 messages as values, parsed by Boost.Beast behind this header (RFC 9112). Beast alone is lenient; a server
// runs gateway/http's strict filter over the raw head first.
//
// Errors: http.syntax, http.head-too-large, http.body-too-large.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace relay::net {

struct HttpLimits {
  std::size_t head_bytes_max = 8 * 1024;
  std::size_t body_bytes_max = 64 * 1024;
};

using HttpFields = std::vector<std::pair<std::string, std::string>>;  // in order of arrival, names as sent

// The first field of this name without regard to case; empty when there is none.
std::string_view field(const HttpFields& fields, std::string_view name);

struct HttpRequest {
  std::string method;
  std::string target;
  HttpFields fields;
  std::string body;
};

struct HttpResponse {
  unsigned status = 0;
  HttpFields fields;
  std::string body;
};

template <typename Message>
struct HttpParsed {
  Message message;
  std::size_t consumed = 0;
};

// One whole message at the front of `bytes`, nothing when more bytes are needed. Content-Length bodies only for
// requests.
policy::base::Result<std::optional<HttpParsed<HttpRequest>>> parse_request(policy::base::ByteView bytes,
                                                                           const HttpLimits& limits);
policy::base::Result<std::optional<HttpParsed<HttpResponse>>> parse_response(policy::base::ByteView bytes,
                                                                             const HttpLimits& limits);

std::string format_request(const HttpRequest& request, std::string_view host);
// Adds Content-Length.
std::string format_response(const HttpResponse& response);

}  // namespace relay::net
