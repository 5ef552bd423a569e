// The crypto port whose primitives are those of the host (host.h).
//
// Stateless; of one thread, as the module is. What a host need not know is done here: sizes, and keys of small order.
#pragma once

#include "clients/mls/crypto/port.h"

namespace clients::mls {

class HostCrypto final : public Crypto {
 public:
  void random(std::span<std::uint8_t> out) const override;
  Hash sha256(ByteView message) const override;
  Secret hmac_sha256(ByteView key, ByteView message) const override;
  PublicKey x25519_public(const PrivateKey& secret) const override;
  std::optional<Secret> x25519(const PrivateKey& secret, const PublicKey& peer) const override;
  PublicKey ed25519_public(const PrivateKey& seed) const override;
  Signature ed25519_sign(const KeyPair& key, ByteView message) const override;
  bool ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const override;
  Bytes aead_seal(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const override;
  std::optional<SecretBytes> aead_open(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad,
                                       ByteView ciphertext) const override;
};

}  // namespace clients::mls
