// Pre-shared keys chained into one secret (RFC 9420 § 8.4).
#pragma once

#include "clients/mls/crypto/labels.h"
#include "clients/mls/message/group_context.h"

namespace clients::mls {

struct Psk {  // § 8.4
  PskId id;
  SecretBytes secret;
};

// § 8.4. In the order of the proposals. No key: 32 zeros. At most 65,535 (kTooLarge).
Result<Secret> psk_secret(const Crypto& crypto, std::span<const Psk> psks);

}  // namespace clients::mls
