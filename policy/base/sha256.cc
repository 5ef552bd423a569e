#include "policy/base/sha256.h"

#include <sodium.h>

namespace policy::base {

Sha256 sha256(ByteView bytes) {
  static_assert(crypto_hash_sha256_BYTES == std::tuple_size_v<Sha256>);
  Sha256 hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

Sha256 hmac_sha256(const Sha256& key, ByteView bytes) {
  static_assert(crypto_auth_hmacsha256_BYTES == std::tuple_size_v<Sha256>);
  Sha256 mac;
  crypto_auth_hmacsha256(mac.data(), bytes.data(), bytes.size(), key.data());
  return mac;
}

}  // namespace policy::base
