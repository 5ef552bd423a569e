// Any bytes as a pack: a RuleSet or at least one error, each with a place; never a crash.
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/pack/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<policy::pack::PackSource> sources{{"fuzz", std::string(policy::base::as_text({data, size}))}};
  const auto rules = policy::pack::load_packs(sources);
  if (rules) return 0;
  if (rules.error().empty()) std::abort();
  for (const auto& error : rules.error())
    if (error.code.empty() || error.seen.empty()) std::abort();
  return 0;
}
