// Statements of a minimum index: what is accepted formats to the same bytes.
#include <cstdlib>

#include "audit/prune/minimum_index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto minimum = audit::prune::parse_minimum(text);
  if (minimum && audit::prune::format_minimum(*minimum) != text) std::abort();
  return 0;
}
