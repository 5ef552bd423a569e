#include "audit/merkle/hash.h"

#include <sodium.h>

#include <algorithm>

#include "policy/base/sha256.h"

namespace audit::merkle {

Hash sha256(ByteView bytes) { return policy::base::sha256(bytes); }

Hash empty_root() { return sha256({}); }

Hash leaf_hash(ByteView entry) {
  constexpr std::uint8_t kPrefix = 0x00;
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, &kPrefix, 1);
  crypto_hash_sha256_update(&state, entry.data(), entry.size());
  Hash out;
  crypto_hash_sha256_final(&state, out.data());
  return out;
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
