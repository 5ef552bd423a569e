// A port for fuzzing: the same seed draws the same keys, nothing is remembered, and, if told so, every signature is
// taken for right, so that what stands behind signatures in what comes from strangers is reached.
//
// One thread.
#pragma once

#include "clients/mls/group/testing/world.h"

namespace clients::mls {

class CredulousCrypto final : public Crypto {  // the primitives of § 5.1
 public:
  CredulousCrypto(std::uint64_t seed, bool believes) : generator_(seed), believes_(believes) {}

  void random(std::span<std::uint8_t> out) const override {
    for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(generator_());
  }
  Hash sha256(ByteView message) const override { return native_.sha256(message); }
  Secret hmac_sha256(ByteView key, ByteView message) const override { return native_.hmac_sha256(key, message); }
  PublicKey x25519_public(const PrivateKey& secret) const override { return native_.x25519_public(secret); }
  std::optional<Secret> x25519(const PrivateKey& secret, const PublicKey& peer) const override {
    return native_.x25519(secret, peer);
  }
  PublicKey ed25519_public(const PrivateKey& seed) const override { return native_.ed25519_public(seed); }
  Signature ed25519_sign(const KeyPair& key, ByteView message) const override {
    return native_.ed25519_sign(key, message);
  }
  bool ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const override {
    return believes_ || native_.ed25519_verify(key, message, signature);
  }
  Bytes aead_seal(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const override {
    return native_.aead_seal(suite, key, nonce, aad, plaintext);
  }
  std::optional<SecretBytes> aead_open(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad,
                                       ByteView ciphertext) const override {
    return native_.aead_open(suite, key, nonce, aad, ciphertext);
  }

 private:
  NativeCrypto native_;  // its generator is not asked
  mutable std::mt19937_64 generator_;
  const bool believes_;
};

}  // namespace clients::mls
