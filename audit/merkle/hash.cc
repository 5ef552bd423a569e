#include "audit/merkle/hash.h"

#include <algorithm>

#include "policy/base/sha256.h"

namespace audit::merkle {

Hash sha256(ByteView bytes) { return policy::base::sha256(bytes); }

Hash empty_root() { return sha256({}); }

Hash leaf_hash(ByteView entry) {
  constexpr std::size_t kShort = 512;  // every entry of this house is
  if (entry.size() < kShort) {
    std::array<std::uint8_t, 1 + kShort> input{0x00};
    std::ranges::copy(entry, input.begin() + 1);
    return sha256(ByteView(input).first(1 + entry.size()));
  }
  policy::base::Bytes input{0x00};
  input.insert(input.end(), entry.begin(), entry.end());
  return sha256(input);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 1 + 2 * kHashSize> input{0x01};
  std::ranges::copy(left, input.begin() + 1);
  std::ranges::copy(right, input.begin() + 1 + kHashSize);
  return sha256(input);
}

policy::base::Result<Hash> to_hash(ByteView bytes) {
  if (bytes.size() != kHashSize)
    return policy::base::fail("hash.size", "a hash of " + std::to_string(bytes.size()) + " bytes", "32 bytes");
  Hash out;
  std::ranges::copy(bytes, out.begin());
  return out;
}

}  // namespace audit::merkle
