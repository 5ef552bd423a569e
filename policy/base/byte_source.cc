#include "policy/base/byte_source.h"

#include <algorithm>

namespace policy::base {

ByteSource source_of(std::string_view text) {
  return [text](std::span<char> buffer) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(text.size(), buffer.size());
    std::ranges::copy(text.substr(0, size), buffer.begin());
    text.remove_prefix(size);
    return size;
  };
}

}  // namespace policy::base
