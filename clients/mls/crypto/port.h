// The one thing the MLS core asks of the world: primitives and randomness. Everything above them (HKDF, HPKE, labels)
// is ours and in this room, so that every port computes the same.
//
// Native: crypto/native (libsodium, OpenSSL). In WebAssembly the host gives them.
//
// Thread-safe: the core may be used from several threads with one port. Nothing throws. A port keeps no state but that
// of its generator.
#pragma once

#include <functional>
#include <optional>

#include "clients/mls/core/bytes.h"
#include "clients/mls/crypto/suite.h"

namespace clients::mls {

// X25519 or Ed25519. `key` belongs to `secret`: signing with another one would give the seed away, so pairs are made by
// generate…, derive_key_pair and …_pair below, or read back from where such a one was stored.
struct KeyPair {  // § 5.1.1
  PrivateKey secret;
  PublicKey key{};
  bool operator==(const KeyPair&) const = default;
};

class Crypto {  // § 5.1
 public:
  virtual ~Crypto() = default;

  // Bytes nobody can guess. Never fails: without entropy the process must not go on (RFC 9180 § 9.7.5).
  virtual void random(std::span<std::uint8_t> out) const = 0;

  virtual Hash sha256(ByteView message) const = 0;                       // RFC 6234 § 6.2
  virtual Secret hmac_sha256(ByteView key, ByteView message) const = 0;  // RFC 2104 § 2

  // RFC 7748 § 6.1. Clamps. The shared secret is refused (nothing) when it is all zeros (RFC 9180 § 7.1.4).
  virtual PublicKey x25519_public(const PrivateKey& secret) const = 0;
  virtual std::optional<Secret> x25519(const PrivateKey& secret, const PublicKey& peer) const = 0;

  // RFC 8032 § 5.1; the private key is the seed. Keys of small order never verify.
  virtual PublicKey ed25519_public(const PrivateKey& seed) const = 0;
  virtual Signature ed25519_sign(const KeyPair& key, ByteView message) const = 0;
  virtual bool ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const = 0;

  // RFC 5116 § 5.1, RFC 8439 § 2.8. `key` has aead_key_bytes(suite), `nonce` kAeadNonceBytes. The tag comes last.
  virtual Bytes aead_seal(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const = 0;
  // Nothing if the tag does not match. Wiped by SecretBytes, for what is opened may be key material.
  virtual std::optional<SecretBytes> aead_open(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad,
                                               ByteView ciphertext) const = 0;

  // Calls work(i) once for each i < count, in any order, perhaps on several threads; returns when all are done. For the
  // signatures and seals (§ 5.1) of a large group. `work` uses only port functions above, and never random().
  virtual void for_each(std::size_t count, const std::function<void(std::size_t)>& work) const {
    for (std::size_t i = 0; i < count; ++i) work(i);
  }
};

}  // namespace clients::mls
