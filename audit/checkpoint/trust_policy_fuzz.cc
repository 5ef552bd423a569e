// Trust policies: what is accepted says the same once it is written and read again, and asks no more of its witnesses
// than that all of them cosign.
#include <cstdlib>

#include "audit/checkpoint/trust_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::checkpoint;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = TrustPolicy::parse("fuzz", text);
  if (!policy) return 0;
  const auto again = TrustPolicy::parse("fuzz", policy->text());
  if (!again || *again != *policy) std::abort();
  const std::vector<std::optional<Instant>> all(policy->witnesses().size(), Instant{7});
  if (!policy->quorum_since(all) || !policy->missing(all).empty()) std::abort();
  return 0;
}
