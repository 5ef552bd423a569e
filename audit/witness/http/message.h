// The little of HTTP/1.1 (RFC 9112) that a witness speaks: small requests with a Content-Length, answered in order.
//
// Strict, because a witness stands behind a proxy at times and must not see another message than the proxy does: CRLF
// only, no folded lines, no transfer encodings, one Content-Length, one Host, no space before a colon. Pure.
//
// Errors: http.line, http.version, http.field, http.host, http.framing, http.duplicate, http.head-too-large,
// http.body-too-large.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace audit::witness::http {

using policy::base::Result;

constexpr std::size_t kHeadBytesMax = 8 * 1024;

struct Request {
  std::string method, target, body;
  bool keep_alive = true;

  bool operator==(const Request&) const = default;
};

struct Parsed {
  Request request;
  std::size_t consumed = 0;
};

// One whole request at the front of `bytes`; nothing when more bytes are needed.
Result<std::optional<Parsed>> parse_request(std::string_view bytes, std::size_t body_bytes_max);

struct Response {
  unsigned status = 0;
  std::string content_type;  // empty: text/plain; charset=utf-8
  std::string body;
};

// With Content-Length; the connection stays open after it if `keep_alive`.
std::string format_response(const Response& response, bool keep_alive);
// The status that answers an error of parse_request.
unsigned status_of(const policy::base::Error& error);

}  // namespace audit::witness::http
