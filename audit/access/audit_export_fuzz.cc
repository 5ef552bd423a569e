#include <cstdlib>

#include "audit/access/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto given = audit::access::parse({reinterpret_cast<const char*>(data), size});
  if (!given) return 0;
  if (audit::access::parse(audit::access::format(*given)) != *given) std::abort();
  return 0;
}
