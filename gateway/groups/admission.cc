#include "gateway/groups/admission.h"

#include <algorithm>

namespace gateway::groups {

std::optional<base::DeviceId> device_of(const mls::Credential& credential) {
  if (credential.type != mls::CredentialType::kBasic || credential.identity.size() != base::DeviceId::kSizeBytes)
    return std::nullopt;
  base::DeviceId id;
  std::ranges::copy(credential.identity, id.bytes.begin());
  return id;
}

std::optional<store::Device> Admission::admitted(const base::DeviceId& id) {
  auto device = ports_.store.device(id);
  if (!device) {
    failed_ = device.error();
    return std::nullopt;
  }
  if (!*device || !(*device)->usable()) return std::nullopt;
  if (!std::ranges::binary_search(conversation_.members, (*device)->person)) return std::nullopt;
  if (!ports_.in_directory((*device)->person)) return std::nullopt;
  return *device;
}

bool Admission::admits(const mls::LeafNode& leaf) {
  const auto id = device_of(leaf);
  if (!id) return false;
  const auto device = admitted(*id);
  return device && device->sign_key == leaf.signature_key;
}

mls::Environment Admission::environment() {
  mls::Environment out;
  out.crypto = &ports_.crypto;
  out.now_s = static_cast<std::uint64_t>(ports_.clock.now().unix_s);
  out.admits = [this](const mls::LeafNode& leaf) { return admits(leaf); };
  return out;
}

}  // namespace gateway::groups
