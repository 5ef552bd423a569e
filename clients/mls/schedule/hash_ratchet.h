// One chain of message keys of one leaf (RFC 9420 § 9.1): from each secret a key, a nonce and the next secret.
//
// A value. Errors: kGeneration (too far ahead, or the chain is at its end), kSpent (used, or older than what is kept).
#pragma once

#include <map>

#include "clients/mls/core/codec.h"
#include "clients/mls/schedule/key_schedule.h"

namespace clients::mls {

// § 15.3: as OpenMLS and Wire have it; a skip costs one derivation a step.
constexpr std::uint32_t kForwardStepsMax = 1000;
// Of one ratchet; beyond it the oldest are given up.
constexpr std::size_t kSkippedKeysMax = 256;

struct MessageKey {  // § 9.1
  std::uint32_t generation = 0;
  AeadKey key;
};

class HashRatchet {  // § 9.1
 public:
  HashRatchet() = default;  // to be read into
  explicit HashRatchet(const Secret& first) : secret_(first) {}

  // § 9.1. The next key, spent at once.
  Result<MessageKey> next(const Crypto& crypto, CipherSuite suite);
  Result<MessageKey> find(const Crypto& crypto, CipherSuite suite, std::uint32_t generation) const;
  // § 9.2: erases the key of this generation. Keys that it skips are kept, the newest kSkippedKeysMax of all.
  Status spend(const Crypto& crypto, CipherSuite suite, std::uint32_t generation);

  friend void write(Writer& out, const HashRatchet& value);  // for the store: what is not consumed (§ 9.2)
  friend void read(Reader& in, HashRatchet& value);

 private:
  Status check(std::uint32_t generation) const;

  Secret secret_;           // of the generation head_
  std::uint64_t head_ = 0;  // the first generation that nobody has asked for; 2^32 when the chain is at its end
  std::map<std::uint32_t, AeadKey> skipped_;  // below head_
};

}  // namespace clients::mls
