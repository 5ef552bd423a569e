// The strict filter: what of HTTP/1.1 the gateway admits at all. Runs over the raw head before any parser, because the
// parser behind it accepts much that another parser in the path could read differently (request smuggling, path
// confusion). What is not named here is refused, with 400 and a closed connection.
//
// Admitted: GET without a body and POST with one Content-Length; origin-form targets of unreserved characters and
// percent-escapes that decode to path text; one Host; field names and values of RFC 9110 § 5 in visible ASCII; no
// folding, no Transfer-Encoding, no Expect, no field twice that may stand once.
//
// Pure, thread-safe. Errors: http.head-too-large, http.line, http.method, http.target, http.version, http.field,
// http.host, http.framing, http.duplicate.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace gateway::http {

constexpr std::size_t kHeadBytesMax = 8 * 1024;
constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kSegmentsMax = 8;

struct Head {
  std::string_view method;            // "GET" or "POST"
  std::string_view target;            // as sent; what a device proof signs
  std::vector<std::string> segments;  // decoded path: "/v1/login" is {"v1", "login"}
  std::size_t content_length = 0;
  std::size_t head_bytes = 0;  // with the empty line
};

// The head at the front of `bytes`, nothing while its empty line has not come.
policy::base::Result<std::optional<Head>> read_head(std::string_view bytes);

// "/a/%62" to {"a", "b"}. Refuses empty, "." and ".." segments, and escapes that decode to '/', '\\', '%' or anything
// that is not visible ASCII.
policy::base::Result<std::vector<std::string>> decode_path(std::string_view path);

}  // namespace gateway::http
