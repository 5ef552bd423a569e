// A small world for tests of groups: seeded randomness, a clock that stands, devices of people, and groups of them.
//
// The same seed draws the same keys. One thread. Outlives what is made in it.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/group/group.h"

namespace clients::mls {

// Remembers which signatures verified: five hundred members of one process check the same leaves.
class SeededCrypto final : public Crypto {
 public:
  explicit SeededCrypto(std::uint64_t seed);

  void random(std::span<std::uint8_t> out) const override { native_.random(out); }
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
  bool ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const override;
  Bytes aead_seal(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const override {
    return native_.aead_seal(suite, key, nonce, aad, plaintext);
  }
  std::optional<SecretBytes> aead_open(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad,
                                       ByteView ciphertext) const override {
    return native_.aead_open(suite, key, nonce, aad, ciphertext);
  }

 private:
  NativeCrypto native_;
  mutable std::unordered_map<std::string, bool> verified_;  // by key, signature and hash of the message
};

constexpr std::uint64_t kWorldNow_s = 1'800'000'000;

class World {
 public:
  explicit World(std::uint64_t seed, CipherSuite suite = kDefaultSuite);

  const Crypto& crypto() const { return crypto_; }
  const Environment& environment() const { return environment_; }
  Environment& environment() { return environment_; }
  CipherSuite suite() const { return suite_; }
  // Of the devices to come.
  Capabilities capabilities = own_capabilities();

  // A new device with that identity.
  Member member(std::string_view identity) const;
  // Valid for an hour around the world's present.
  static Lifetime lifetime() { return {kWorldNow_s - kClockSkew_s, kWorldNow_s + 3600}; }
  OwnKeyPackage package(const Member& member) const;
  OwnKeyPackage package(std::string_view identity) const { return package(member(identity)); }
  // Aborts where the library refuses, which no test of something else survives.
  Group create(std::string_view identity, Extensions extensions = {}, std::string_view group_id = "group") const;
  // "0", "1", … by leaf; the first one added the others in one commit with a path or without.
  std::vector<Group> party(std::size_t size, Extensions extensions = {}, std::string_view group_id = "group",
                           bool path = false) const;

 private:
  CipherSuite suite_;
  SeededCrypto crypto_;
  Environment environment_;
};

[[noreturn]] void end_because(const Error& error);

// The value, or the end of the test program with the reason.
template <typename T>
T must(Result<T> result) {
  if (!result) end_because(result.error());
  return std::move(*result);
}

// As it comes off the wire.
Result<Received> receive(const Environment& environment, const Group& group, ByteView message);
// Takes a message that all of them must take, but those whose leaf sent it.
void deliver(const Environment& environment, std::vector<Group>& groups, const PublicMessage& message);
// Same epoch, same authenticator, same exported secret.
bool agree(const Crypto& crypto, const Group& a, const Group& b);

}  // namespace clients::mls
