// The secret keys of this device: Ed25519 to sign, X25519 to receive, and the two signatures the login asks for.
//
// Secrets are wiped from memory when the value dies. Owned by whoever unlocked the local store; never written anywhere
// else. Values; no thread rules.
#pragma once

#include <array>
#include <cstdint>

#include "clients/mls/group_cipher.h"
#include "policy/base/random.h"

namespace clients::mls {

using Signature = std::array<std::uint8_t, 64>;
using Seed = std::array<std::uint8_t, 32>;

class DeviceKey {
 public:
  static DeviceKey generate(policy::base::Random& random);
  // From the two stored seeds: the Ed25519 seed and the X25519 secret.
  static DeviceKey from_seeds(const Seed& identity_seed, const Seed& box_secret);
  ~DeviceKey();
  DeviceKey(const DeviceKey&) = default;
  DeviceKey& operator=(const DeviceKey&) = default;

  Signature sign(policy::base::ByteView message) const;
  const IdentityKey& identity_key() const { return identity_key_; }
  const BoxKey& box_key() const { return box_key_; }
  const Seed& identity_seed() const { return identity_seed_; }
  const Seed& box_secret() const { return box_secret_; }

 private:
  DeviceKey() = default;
  Seed identity_seed_{};
  Seed box_secret_{};
  std::array<std::uint8_t, 64> identity_secret_{};
  IdentityKey identity_key_{};
  BoxKey box_key_{};
};

bool verifies(const IdentityKey& key, policy::base::ByteView message, const Signature& signature);

// Signed at enrolment: "feierabend-device-enrol-v1" ‖ challenge ‖ identity_key ‖ box_key (client.proto).
policy::base::Bytes enrol_statement(policy::base::ByteView challenge, const IdentityKey& identity, const BoxKey& box);
// Signed at login with an enrolled device: "feierabend-device-prove-v1" ‖ challenge ‖ device.
policy::base::Bytes prove_statement(policy::base::ByteView challenge, const policy::base::DeviceId& device);

}  // namespace clients::mls
