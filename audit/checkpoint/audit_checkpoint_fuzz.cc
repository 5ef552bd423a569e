// Checkpoint texts: what is accepted formats to the same bytes.
#include <cstdlib>

#include "audit/checkpoint/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto checkpoint = audit::checkpoint::parse_checkpoint(text);
  if (checkpoint && audit::checkpoint::format_checkpoint(*checkpoint) != text) std::abort();
  return 0;
}
