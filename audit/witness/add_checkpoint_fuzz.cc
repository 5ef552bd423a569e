// Requests to a witness: what is accepted formats to the same bytes.
#include <cstdlib>

#include "audit/witness/add_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto request = audit::witness::parse_add_checkpoint(text);
  if (request && audit::witness::format_add_checkpoint(*request) != text) std::abort();
  return 0;
}
