// The stage, read back after a crash: what is accepted encodes to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "audit/log/stage.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const policy::base::ByteView input(data, size);
  const auto stage = audit::log::decode_stage(input);
  if (stage && !std::ranges::equal(audit::log::encode_stage(*stage), input)) std::abort();
  return 0;
}
