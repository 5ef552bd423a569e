#include <cstdlib>

#include "relay/wire/codec.h"

// What the decoder takes must survive a round trip and be taken again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = relay::wire::parse_from_relay({data, size});
  if (parsed && !relay::wire::parse_from_relay(policy::base::as_bytes(parsed->SerializeAsString()))) std::abort();
  return 0;
}
