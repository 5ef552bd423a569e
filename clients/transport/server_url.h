// The address of a server as people write it: "https://HOST[:PORT]", nothing behind it but one slash.
//
// Pure. Error: url.syntax.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace clients::transport {

struct ServerUrl {
  std::string host;  // name, IPv4 or IPv6 without brackets; lower case
  std::uint16_t port = 443;

  std::string host_header() const;  // "HOST[:PORT]", without the port where it is 443
  std::string origin() const { return "https://" + host_header(); }
};

policy::base::Result<ServerUrl> parse_server_url(std::string_view text);

}  // namespace clients::transport
