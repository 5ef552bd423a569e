// The cipher until MLS is in: each message under a fresh key, that key sealed to every recipient device, everything
// signed by the sending device. Format: sealed_box_format.h.
//
// What it gives: only the named devices read; nobody changes, moves to another conversation, or passes off as
// another's. What it does not give: forward secrecy of a device whose X25519 key is stolen later, and agreement on who
// is in the group; both come with MLS.
#pragma once

#include "clients/mls/device_key.h"
#include "clients/mls/group_cipher.h"
#include "policy/base/random.h"

namespace clients::mls {

class SealedBoxCipher final : public GroupCipher {
 public:
  // `random` outlives the cipher. `key` is this device's, `device` the id the gateway gave it.
  SealedBoxCipher(policy::base::DeviceId device, DeviceKey key, policy::base::Random& random)
      : device_(device), key_(std::move(key)), random_(random) {}

  policy::base::Result<Sealed> seal(const GroupState& group, const Plaintext& plaintext,
                                    const Audience& audience) const override;
  policy::base::Result<Opened> open(const GroupState& group, const DeviceKeys& sender,
                                    policy::base::ByteView ciphertext) const override;

 private:
  policy::base::DeviceId device_;
  DeviceKey key_;
  policy::base::Random& random_;
};

}  // namespace clients::mls
