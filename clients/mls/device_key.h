// The secret key of this device: Ed25519, for its login, its leaves in groups and its consent to other devices.
//
// Secrets are wiped from memory when the value dies. Owned by whoever unlocked the local store; never written anywhere
// else. Values; no thread rules.
#pragma once

#include <array>
#include <cstdint>

#include "policy/base/bytes.h"
#include "policy/base/random.h"

namespace clients::mls {

using IdentityKey = std::array<std::uint8_t, 32>;  // Ed25519 public key
using Signature = std::array<std::uint8_t, 64>;
using Seed = std::array<std::uint8_t, 32>;

class DeviceKey {
 public:
  static DeviceKey generate(policy::base::Random& random);
  static DeviceKey from_seed(const Seed& identity_seed);
  ~DeviceKey();
  DeviceKey(const DeviceKey&) = default;
  DeviceKey& operator=(const DeviceKey&) = default;

  Signature sign(policy::base::ByteView message) const;
  const IdentityKey& identity_key() const { return identity_key_; }
  const Seed& identity_seed() const { return identity_seed_; }

 private:
  DeviceKey() = default;
  Seed identity_seed_{};
  std::array<std::uint8_t, 64> identity_secret_{};
  IdentityKey identity_key_{};
};

bool verifies(const IdentityKey& key, policy::base::ByteView message, const Signature& signature);

// Signed at enrolment: "feierabend-device-enrol-v2" ‖ challenge ‖ identity_key (client.proto).
policy::base::Bytes enrol_statement(policy::base::ByteView challenge, const IdentityKey& identity);
// Signed at login with an enrolled device: "feierabend-device-prove-v1" ‖ challenge ‖ device.
policy::base::Bytes prove_statement(policy::base::ByteView challenge, const policy::base::DeviceId& device);

}  // namespace clients::mls
