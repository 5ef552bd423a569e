// The crypto port of native programs: X25519, Ed25519 and ChaCha20-Poly1305 by libsodium, SHA-256 and AES-128-GCM by
// OpenSSL, each where it is the faster one.
//
// Thread-safe. An allocation that fails inside a library, or a generator without entropy, ends the process: no key may
// be made of what is left in a buffer.
#pragma once

#include <functional>
#include <mutex>

#include "clients/mls/crypto/port.h"

namespace clients::mls {

class NativeCrypto final : public Crypto {  // the primitives of § 5.1
 public:
  // Fills the whole span. Called by one thread at a time.
  using Fill = std::function<void(std::span<std::uint8_t>)>;

  NativeCrypto();  // the system's generator (RFC 9180 § 9.7.5)
  // A seeded source replays a run. Never in a program that people run.
  explicit NativeCrypto(Fill fill);

  void random(std::span<std::uint8_t> out) const override;  // § 5.1, each as in port.h
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
  // On all cores, if there are enough items to pay for the threads.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work) const override;

 private:
  Fill fill_;
  mutable std::mutex filling_;
};

}  // namespace clients::mls
