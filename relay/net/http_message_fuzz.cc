// HTTP requests and responses on arbitrary bytes: what is consumed lies within the input and within the bounds.
#include <cstdint>
#include <cstdlib>

#include "relay/net/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const relay::net::HttpLimits limits{1024, 2048};
  const auto request = relay::net::parse_request({data, size}, limits);
  if (request && *request && ((*request)->consumed > size || (*request)->message.body.size() > limits.body_bytes_max))
    std::abort();
  const auto response = relay::net::parse_response({data, size}, limits);
  if (response && *response &&
      ((*response)->consumed > size || (*response)->message.body.size() > limits.body_bytes_max))
    std::abort();
  return 0;
}
