// The headers that go with every authenticated request: the token, and proof that this device's key is here and now.
//
//     Authorization: Feierabend TOKEN
//     Feierabend-Proof: UNIX_S.NONCE.SIGNATURE
//
// NONCE is 16 random bytes, NONCE and SIGNATURE in base64url. The signature is the device's Ed25519 signature over
//
//     "feierabend-proof-v1\n" METHOD "\n" TARGET "\n" UNIX_S "\n" NONCE "\n" hex(SHA-256(TOKEN))
//
// so that a stolen token opens nothing, and a proof seen on the way opens nothing twice or elsewhere.
//
// Pure but for the clock and randomness passed in.
#pragma once

#include <string>
#include <string_view>

#include "clients/mls/device_key.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"
#include "relay/net/http.h"

namespace clients::transport {

struct Credentials {
  std::string token;
  mls::DeviceKey key;
};

std::string proof_statement(std::string_view method, std::string_view target, std::int64_t unix_s,
                            std::string_view nonce, std::string_view token);
relay::net::HttpFields proof_fields(const Credentials& credentials, std::string_view method, std::string_view target,
                                    const policy::base::Clock& clock, policy::base::Random& random);

}  // namespace clients::transport
