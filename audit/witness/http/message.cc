#include "audit/witness/http/message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace audit::witness::http {

using policy::base::fail;
using policy::base::printable;
using policy::base::Status;

namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool same_name(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

struct Head {
  Request request;
  std::optional<std::size_t> length;
  bool host = false;
};

Status read_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return fail("http.line", "a request line without its three parts", "METHOD TARGET HTTP/1.1");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(line.substr(0, first)) || !target.starts_with('/') || !is_visible(target))
    return fail("http.line", "'" + printable(line) + "'", "METHOD TARGET HTTP/1.1");
  if (line.substr(last + 1) != "HTTP/1.1")
    return fail("http.version", "'" + printable(line.substr(last + 1)) + "'", "HTTP/1.1");
  head.request.method = line.substr(0, first);
  head.request.target = target;
  return {};
}

Status read_length(std::string_view value, Head& head) {
  if (head.length) return fail("http.duplicate", "a second Content-Length", "one");
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || error != std::errc{} || end != value.data() + value.size())
    return fail("http.framing", "Content-Length '" + printable(value) + "'", "a number of bytes");
  head.length = length;
  return {};
}

Status read_field(std::string_view line, Head& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return fail("http.field", "'" + printable(line) + "'", "NAME: VALUE");
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  const std::size_t begin = value.find_first_not_of(" \t");
  value = begin == std::string_view::npos ? std::string_view()
                                          : value.substr(begin, value.find_last_not_of(" \t") + 1 - begin);
  const auto allowed = [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); };
  if (!std::ranges::all_of(value, allowed)) return fail("http.field", "a control character in a field", "NAME: VALUE");
  if (same_name(name, "content-length")) return read_length(value, head);
  if (same_name(name, "transfer-encoding"))
    return fail("http.framing", "a Transfer-Encoding", "a body with a Content-Length");
  if (same_name(name, "host")) {
    if (head.host) return fail("http.duplicate", "a second Host", "one");
    head.host = true;
  }
  if (same_name(name, "connection") && same_name(value, "close")) head.request.keep_alive = false;
  return {};
}

Result<Head> read_head(std::string_view text) {
  Head head;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(kLineEnd), text.size());
    const std::string_view line = text.substr(0, end);
    if (auto read = first ? read_request_line(line, head) : read_field(line, head); !read)
      return std::unexpected(read.error());
    first = false;
    text.remove_prefix(std::min(end + kLineEnd.size(), text.size()));
  }
  if (first) return fail("http.line", "an empty request line", "METHOD TARGET HTTP/1.1");
  if (!head.host) return fail("http.host", "no Host", "one");
  return head;
}

std::string_view reason_of(unsigned status) {
  constexpr std::pair<unsigned, std::string_view> kReasons[] = {{200, "OK"},
                                                                {400, "Bad Request"},
                                                                {403, "Forbidden"},
                                                                {404, "Not Found"},
                                                                {405, "Method Not Allowed"},
                                                                {409, "Conflict"},
                                                                {413, "Content Too Large"},
                                                                {422, "Unprocessable Content"},
                                                                {431, "Request Header Fields Too Large"},
                                                                {500, "Internal Server Error"},
                                                                {503, "Service Unavailable"},
                                                                {505, "HTTP Version Not Supported"}};
  for (const auto& [number, reason] : kReasons)
    if (number == status) return reason;
  return "Status";
}

}  // namespace

Result<std::optional<Parsed>> parse_request(std::string_view bytes, std::size_t body_bytes_max) {
  const std::string_view window = bytes.substr(0, kHeadBytesMax);
  const std::size_t end = window.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() < kHeadBytesMax) return std::nullopt;
    return fail("http.head-too-large", "a head of more than " + std::to_string(kHeadBytesMax) + " bytes",
                "at most " + std::to_string(kHeadBytesMax));
  }
  auto head = read_head(bytes.substr(0, end));
  if (!head) return std::unexpected(head.error());
  const std::size_t begin = end + 4, length = head->length.value_or(0);
  if (length > body_bytes_max)
    return fail("http.body-too-large", "a body of " + std::to_string(length) + " bytes",
                "at most " + std::to_string(body_bytes_max));
  if (bytes.size() - begin < length) return std::nullopt;
  head->request.body = bytes.substr(begin, length);
  return Parsed{std::move(head->request), begin + length};
}

std::string format_response(const Response& response, bool keep_alive) {
  return "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason_of(response.status)) +
         "\r\nContent-Type: " + (response.content_type.empty() ? "text/plain; charset=utf-8" : response.content_type) +
         "\r\nContent-Length: " + std::to_string(response.body.size()) +
         "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n" +
         (keep_alive ? "" : "Connection: close\r\n") + "\r\n" + response.body;
}

unsigned status_of(const policy::base::Error& error) {
  if (error.code == "http.body-too-large") return 413;
  if (error.code == "http.head-too-large") return 431;
  if (error.code == "http.version") return 505;
  return 400;
}

}  // namespace audit::witness::http
