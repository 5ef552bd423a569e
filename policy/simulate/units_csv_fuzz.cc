#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/simulate/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const policy::model::People people{{"anna", {}}, {"bernd", {}}};
  const auto units = policy::simulate::read_units("fuzz", policy::base::as_text({data, size}), people);
  if (!units && units.error().empty()) std::abort();
  if (units && units->of.size() != people.size()) std::abort();
  return 0;
}
