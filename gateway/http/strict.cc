#include "gateway/http/strict.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace gateway::http {
namespace {

using policy::base::Error;
using policy::base::fail;
using policy::base::printable;
using policy::base::Result;

struct Field {
  std::string name;  // lower case
  std::string_view value;
};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool token_char(char c) {
  return digit(c) || alpha(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
// RFC 3986 unreserved, and ':' '@' which ids may hold.
bool path_char(char c) { return digit(c) || alpha(c) || std::string_view("-._~:@").find(c) != std::string_view::npos; }
bool visible(char c) { return c >= 0x21 && c <= 0x7E; }

int hex_value(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::unexpected<Error> bad_target(std::string_view target) {
  return fail("http.target", "target '" + printable(target) + "'",
              "an absolute path of letters, digits, '-._~:@' and percent-escapes of these");
}

Result<std::string> decode_segment(std::string_view raw, std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '%') {
      if (i + 2 >= raw.size()) return bad_target(path);
      const int high = hex_value(raw[i + 1]), low = hex_value(raw[i + 2]);
      if (high < 0 || low < 0) return bad_target(path);
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (!path_char(c)) return bad_target(path);
    out += c;
  }
  if (out.empty() || out == "." || out == "..") return bad_target(path);
  return out;
}

// Lines end with CRLF and hold no other control character.
Result<std::vector<std::string_view>> split_lines(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    if (std::ranges::any_of(line, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; })) {
      return fail("http.line", "a control character in line " + std::to_string(lines.size() + 1) + " of the head",
                  "lines that end with CR LF");
    }
    lines.push_back(line);
    head.remove_prefix(end + 2);
  }
  return lines;
}

Result<Head> read_request_line(std::string_view line) {
  const std::size_t first = line.find(' '), second = line.rfind(' ');
  if (first == std::string_view::npos || first == second)
    return fail("http.line", "request line '" + printable(line) + "'", "METHOD target HTTP/1.1");
  Head head;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  if (line.substr(second + 1) != "HTTP/1.1")
    return fail("http.version", "version '" + printable(line.substr(second + 1)) + "'", "HTTP/1.1");
  if (head.method != "GET" && head.method != "POST")
    return fail("http.method", "method '" + printable(head.method) + "'", "GET, POST");
  auto segments = decode_path(head.target);
  if (!segments) return std::unexpected(segments.error());
  head.segments = std::move(*segments);
  return head;
}

Result<Field> read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const auto bad = [&] {
    return fail("http.field", "field line '" + printable(line) + "'",
                "name: value in visible ASCII, unfolded (RFC 9112 § 5)");
  };
  if (colon == std::string_view::npos || colon == 0) return bad();
  Field field;
  for (const char c : line.substr(0, colon)) {
    if (!token_char(c)) return bad();
    field.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  field.value = line.substr(colon + 1);
  while (!field.value.empty() && (field.value.front() == ' ' || field.value.front() == '\t'))
    field.value.remove_prefix(1);
  while (!field.value.empty() && (field.value.back() == ' ' || field.value.back() == '\t'))
    field.value.remove_suffix(1);
  if (!std::ranges::all_of(field.value, [](char c) { return visible(c) || c == ' ' || c == '\t'; })) return bad();
  return field;
}

Result<std::vector<Field>> read_fields(std::span<const std::string_view> lines) {
  if (lines.size() > kFieldsMax)
    return fail("http.field", std::to_string(lines.size()) + " fields", "at most " + std::to_string(kFieldsMax));
  std::vector<Field> fields;
  for (const std::string_view line : lines) {
    auto field = read_field(line);
    if (!field) return std::unexpected(field.error());
    fields.push_back(std::move(*field));
  }
  return fields;
}

policy::base::Status check_singletons(std::span<const Field> fields) {
  constexpr std::array<std::string_view, 11> kOnce{
      "host",    "content-length", "content-type",      "authorization",         "feierabend-proof",      "origin",
      "upgrade", "connection",     "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"};
  for (const std::string_view name : kOnce) {
    if (std::ranges::count(fields, name, &Field::name) > 1)
      return fail("http.duplicate", "field '" + std::string(name) + "' more than once", "once");
  }
  return {};
}

const Field* find(std::span<const Field> fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

policy::base::Status check_framing(std::span<const Field> fields, Head& head) {
  for (const std::string_view name :
       {"transfer-encoding", "te", "expect", "trailer", "proxy-connection", "keep-alive"}) {
    if (find(fields, name) != nullptr)
      return fail("http.framing", "field '" + std::string(name) + "'", "bodies with Content-Length only");
  }
  const Field* const host = find(fields, "host");
  if (host == nullptr || host->value.empty() || host->value.find_first_of(" \t,/@\\") != std::string_view::npos) {
    return fail("http.host", host == nullptr ? "no Host" : "Host '" + printable(host->value) + "'",
                "exactly one Host (RFC 9112 § 3.2)");
  }
  const Field* const length = find(fields, "content-length");
  if (length == nullptr) {
    if (head.method == "POST") return fail("http.framing", "POST without Content-Length", "one Content-Length");
    return {};
  }
  const char* const end = length->value.data() + length->value.size();
  const auto parsed = std::from_chars(length->value.data(), end, head.content_length);
  if (length->value.empty() || !std::ranges::all_of(length->value, digit) || parsed.ec != std::errc{} ||
      parsed.ptr != end) {
    return fail("http.framing", "Content-Length '" + printable(length->value) + "'", "one decimal number");
  }
  if (head.method == "GET" && head.content_length != 0) return fail("http.framing", "GET with a body", "no body");
  return {};
}

}  // namespace

Result<std::vector<std::string>> decode_path(std::string_view path) {
  if (path.empty() || path.front() != '/') return bad_target(path);
  std::vector<std::string> segments;
  std::string_view rest = path.substr(1);
  while (true) {
    if (segments.size() == kSegmentsMax) return bad_target(path);
    const std::size_t slash = rest.find('/');
    auto segment = decode_segment(rest.substr(0, slash), path);
    if (!segment) return std::unexpected(segment.error());
    segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) return segments;
    rest.remove_prefix(slash + 1);
  }
}

Result<std::optional<Head>> read_head(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (std::min(end, bytes.size()) > kHeadBytesMax) {
    return fail("http.head-too-large", "a head of more than " + std::to_string(kHeadBytesMax) + " bytes",
                "at most " + std::to_string(kHeadBytesMax));
  }
  if (end == std::string_view::npos) {
    // A bare LF ends a head for lenient parsers: refuse it now instead of waiting for a CR LF that never comes.
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'))
        return fail("http.line", "a bare LF in the head", "lines that end with CR LF");
    }
    return std::nullopt;
  }
  auto lines = split_lines(bytes.substr(0, end + 2));
  if (!lines) return std::unexpected(lines.error());
  auto head = read_request_line(lines->front());
  if (!head) return std::unexpected(head.error());
  auto fields = read_fields(std::span(*lines).subspan(1));
  if (!fields) return std::unexpected(fields.error());
  if (auto once = check_singletons(*fields); !once) return std::unexpected(once.error());
  if (auto framing = check_framing(*fields, *head); !framing) return std::unexpected(framing.error());
  head->head_bytes = end + 4;
  return std::optional<Head>(std::move(*head));
}

}  // namespace gateway::http
