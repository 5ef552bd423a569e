// Findings of any bytes that load as a pack: each has a code, words and a place; never a crash.
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/check/findings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<policy::pack::PackSource> sources{{"fuzz", std::string(policy::base::as_text({data, size}))}};
  const auto rules = policy::pack::load_packs(sources);
  if (!rules) return 0;
  for (const auto& finding : policy::check::findings(**rules))
    if (finding.code.empty() || finding.seen.empty() || finding.remedy.empty() || finding.where.empty()) std::abort();
  return 0;
}
