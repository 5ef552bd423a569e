// The strict filter on arbitrary bytes: an admitted head is never longer than its input and its path never holds a
// separator.
#include <cstdint>
#include <cstdlib>

#include "gateway/http/strict.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto head = gateway::http::read_head({reinterpret_cast<const char*>(data), size});
  if (!head || !*head) return 0;
  if ((*head)->head_bytes > size) std::abort();
  for (const auto& segment : (*head)->segments) {
    if (segment.empty() || segment.find_first_of("/\\%") != std::string::npos) std::abort();
  }
  return 0;
}
