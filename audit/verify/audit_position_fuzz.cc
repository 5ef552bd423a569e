// Positions of a verification: what is accepted formats to the same bytes.
#include <cstdlib>

#include "audit/verify/position.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto position = audit::verify::parse_position(text);
  if (position && audit::verify::format_position(*position) != text) std::abort();
  return 0;
}
