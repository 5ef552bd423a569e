#include "clients/mls/device_key.h"

#include <sodium.h>

#include <string_view>

namespace clients::mls {
namespace base = policy::base;

namespace {

base::Bytes join(std::string_view domain, std::initializer_list<base::ByteView> parts) {
  base::Bytes out(domain.begin(), domain.end());
  for (const auto part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace

DeviceKey DeviceKey::generate(base::Random& random) {
  Seed identity_seed = random.array<32>();
  DeviceKey key = from_seed(identity_seed);
  sodium_memzero(identity_seed.data(), identity_seed.size());
  return key;
}

DeviceKey DeviceKey::from_seed(const Seed& identity_seed) {
  DeviceKey key;
  key.identity_seed_ = identity_seed;
  crypto_sign_seed_keypair(key.identity_key_.data(), key.identity_secret_.data(), identity_seed.data());
  return key;
}

DeviceKey::~DeviceKey() {
  sodium_memzero(identity_seed_.data(), identity_seed_.size());
  sodium_memzero(identity_secret_.data(), identity_secret_.size());
}

Signature DeviceKey::sign(base::ByteView message) const {
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), identity_secret_.data());
  return signature;
}

bool verifies(const IdentityKey& key, base::ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

base::Bytes enrol_statement(base::ByteView challenge, const IdentityKey& identity) {
  return join("feierabend-device-enrol-v2", {challenge, identity});
}

base::Bytes prove_statement(base::ByteView challenge, const base::DeviceId& device) {
  return join("feierabend-device-prove-v1", {challenge, device.view()});
}

}  // namespace clients::mls
