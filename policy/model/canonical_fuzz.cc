// Any bytes as canonical facts: an error with a place, or facts that are written as exactly these bytes.
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/model/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = policy::base::as_text({data, size});
  const auto facts = policy::model::parse_canonical("fuzz", text);
  if (facts ? policy::model::canonical(*facts) != text : facts.error().where.empty()) std::abort();
  return 0;
}
