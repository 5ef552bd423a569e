#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/pack/roster_csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto people = policy::pack::read_people("fuzz", policy::base::as_text({data, size}));
  if (!people && people.error().empty()) std::abort();
  return 0;
}
