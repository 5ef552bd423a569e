// End-to-end protection of one conversation's messages: the narrow interface behind which MLS (RFC 9420) will stand.
//
// A cipher is a function of its arguments and of the randomness port given to its constructor: no clock, no file, no
// socket, and no state of its own. What a group protocol has to remember travels as `state`, an opaque value: the
// caller stores the returned one together with the message it belongs to and passes it in the next time. An error
// leaves nothing changed.
//
// Thread-safe as far as the randomness port is. Errors: cipher.audience (too many devices, or a key that is none),
// cipher.too-large, cipher.syntax (the ciphertext is not in the format), cipher.signature (not by the sender's device,
// or for another conversation), cipher.not-for-us, cipher.damaged.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "policy/base/bytes.h"
#include "policy/base/result.h"

namespace clients::mls {

using IdentityKey = std::array<std::uint8_t, 32>;  // Ed25519 public key
using BoxKey = std::array<std::uint8_t, 32>;       // X25519 public key

// A device as the gateway names it in an Open answer.
struct DeviceKeys {
  policy::base::DeviceId device;
  IdentityKey identity_key{};
  BoxKey box_key{};
  bool operator==(const DeviceKeys&) const = default;
};

using Audience = std::vector<DeviceKeys>;  // every device that may read, without the sending one

struct GroupState {
  policy::base::ConversationId conversation;
  policy::base::Bytes state;  // empty for a cipher that remembers nothing
};

struct Plaintext {
  policy::base::ClientMessageId message;
  policy::base::Bytes body;
};

struct Sealed {
  policy::base::Bytes ciphertext;
  std::uint64_t epoch = 0;
  policy::base::Bytes state;
};

struct Opened {
  Plaintext plaintext;
  policy::base::Bytes state;
};

class GroupCipher {
 public:
  virtual ~GroupCipher() = default;

  // An empty audience is allowed: a person without a device must look like any other.
  virtual policy::base::Result<Sealed> seal(const GroupState& group, const Plaintext& plaintext,
                                            const Audience& audience) const = 0;

  virtual policy::base::Result<Opened> open(const GroupState& group, const DeviceKeys& sender,
                                            policy::base::ByteView ciphertext) const = 0;
};

}  // namespace clients::mls
