// The list of erasures. Whatever is accepted must be written the same way again.
#include <cstdlib>

#include "audit/erasure/ledger.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ledger = audit::erasure::parse_ledger(text);
  if (ledger && audit::erasure::format_ledger(*ledger) != text) std::abort();
  return 0;
}
