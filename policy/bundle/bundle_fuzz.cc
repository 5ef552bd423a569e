// Bundles and trust files. What is accepted must format to the same bytes.
#include <cstdlib>

#include "policy/bundle/bundle.h"
#include "policy/bundle/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace policy::bundle;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bundle = parse_bundle(text); bundle && format_bundle(*bundle) != text) std::abort();
  if (const auto trust = parse_trust("trust", text); trust && trust->keys.empty()) std::abort();
  return 0;
}
