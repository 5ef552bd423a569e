// A stored group: refused, or read and written again as it was read the second time.
#include <cstdlib>

#include "clients/mls/group/group.h"
#include "clients/mls/group/public_group.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clients::mls;
  const ByteView bytes{data, size};
  if (const auto group = Group::load(bytes)) {
    const SecretBytes saved = group->save();
    const auto again = Group::load(saved.view());
    if (!again || again->save() != saved) std::abort();
  }
  (void)PublicGroup::load(bytes);
  (void)parse_secret_tree(bytes);
  return 0;
}
