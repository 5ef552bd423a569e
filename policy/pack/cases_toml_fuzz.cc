#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/pack/cases.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cases = policy::pack::read_cases("fuzz", policy::base::as_text({data, size}));
  if (!cases && cases.error().empty()) std::abort();
  return 0;
}
