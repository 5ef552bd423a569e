#include "clients/transport/server_url.h"

#include <algorithm>
#include <charconv>

namespace clients::transport {
namespace base = policy::base;

namespace {

constexpr std::uint16_t kDefaultPort = 443;
constexpr std::size_t kHostBytesMax = 253;

bool is_name(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos &&
         host.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

}  // namespace

std::string ServerUrl::host_header() const {
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == kDefaultPort ? shown : shown + ":" + std::to_string(port);
}

base::Result<ServerUrl> parse_server_url(std::string_view text) {
  const auto bad = [text] {
    return base::fail("url.syntax", "server '" + base::printable(text) + "'", "https://HOST or https://HOST:PORT",
                      "use the address that your administration has published");
  };
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme)) return bad();
  std::string_view rest = text.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view host = rest, port;
  const bool bracketed = rest.starts_with('[');
  const auto end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && end == std::string_view::npos) return bad();
  if (bracketed) {
    host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
  } else if (end != std::string_view::npos) {
    host = rest.substr(0, end);
    port = rest.substr(end);
  }
  ServerUrl url;
  url.host = host;
  std::ranges::transform(url.host, url.host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (url.host.size() > kHostBytesMax || !(bracketed ? is_ipv6(url.host) : is_name(url.host))) return bad();
  if (port.empty()) return url;
  const char* const last = port.data() + port.size();
  const auto parsed = std::from_chars(port.data() + 1, last, url.port);
  if (port.front() != ':' || parsed.ec != std::errc{} || parsed.ptr != last || url.port == 0) return bad();
  return url;
}

}  // namespace clients::transport
