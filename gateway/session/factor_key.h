// The key under which second factors lie in the store: whoever steals gateway.db alone has no secret of anybody.
//
// Sealed: nonce (24 bytes) ‖ XChaCha20-Poly1305 of the secret, with "feierabend-totp-v1" ‖ person as associated data,
// so that a row cannot be copied to another person. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>

#include "gateway/session/totp.h"
#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace gateway::session {

class FactorKey {
 public:
  // 32 raw bytes in a file of its own that only its owner can read; made, durably, if there is none.
  // Errors: key.file (cannot be read or written), key.size, key.rights (readable for others).
  static base::Result<FactorKey> load_or_create(const std::string& path, base::Random& random);
  explicit FactorKey(const std::array<std::uint8_t, 32>& key) : key_(key) {}

  base::Bytes seal(std::string_view person, const TotpSecret& secret, base::Random& random) const;
  // Error: factor.sealed (another key, another person, or changed).
  base::Result<TotpSecret> open(std::string_view person, base::ByteView sealed) const;

 private:
  std::array<std::uint8_t, 32> key_;
};

}  // namespace gateway::session
