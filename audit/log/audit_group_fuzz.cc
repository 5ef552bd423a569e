// A group of entries, read back after a crash: what is accepted encodes to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "audit/log/group.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const policy::base::ByteView input(data, size);
  const auto group = audit::log::decode_group(input);
  if (!group) return 0;
  audit::log::GroupWriter writer;
  for (const auto& entry : *group) writer.append(entry);
  if (!std::ranges::equal(writer.bytes(), input)) std::abort();
  return 0;
}
