#include "policy/base/sha256.h"

#include <sodium.h>

namespace policy::base {

Sha256 sha256(ByteView bytes) {
  static_assert(crypto_hash_sha256_BYTES == std::tuple_size_v<Sha256>);
  Sha256 hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

}  // namespace policy::base
