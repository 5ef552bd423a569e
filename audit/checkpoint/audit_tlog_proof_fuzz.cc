// Stand-alone proofs: what is accepted formats to the same bytes.
#include <cstdlib>

#include "audit/checkpoint/tlog_proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto proof = audit::checkpoint::parse_tlog_proof(text);
  if (proof && audit::checkpoint::format_tlog_proof(*proof) != text) std::abort();
  return 0;
}
