// Lists of units: what is accepted names each pseudonym once, with a unit.
#include <cstdlib>

#include "audit/report/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto units = audit::report::parse_units({reinterpret_cast<const char*>(data), size});
  if (!units) return 0;
  for (const auto& [pseudonym, member] : *units)
    if (member.unit.empty() || member.unit.size() > audit::report::kUnitBytesMax) std::abort();
  return 0;
}
