// The parser takes any bytes: what it accepts must encode back to the same bytes.
#include <cstdlib>

#include "clients/mls/sealed_box_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const policy::base::ByteView bytes{data, size};
  const auto box = clients::mls::parse_sealed_box(bytes);
  if (!box) return 0;
  const auto again = clients::mls::encode(*box);
  if (again != policy::base::Bytes(data, data + size)) std::abort();
  return 0;
}
