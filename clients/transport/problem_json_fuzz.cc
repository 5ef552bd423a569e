#include <cstdlib>

#include "clients/transport/problem.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto error = clients::transport::problem_of({400, {}, std::string(reinterpret_cast<const char*>(data), size)});
  if (error.code.empty() || error.code.find_first_of("\n\x1b") != std::string::npos) std::abort();
  for (const auto* text : {&error.seen, &error.allowed, &error.remedy})
    if (*text != policy::base::printable(*text, 4096)) std::abort();
  return 0;
}
