#include <cstdlib>

#include "clients/core/payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = clients::core::parse_payload({data, size});
  if (payload && clients::core::encode(*payload) != policy::base::Bytes(data, data + size)) std::abort();
  return 0;
}
