// Tokens: 32 random bytes that only their bearer has. The gateway keeps no token, only its hash, so that a copy of the
// store opens no session. A fast hash is enough: there is nothing to guess in 256 random bits.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "gateway/store/records.h"
#include "policy/base/random.h"
#include "policy/base/result.h"

namespace gateway::session {

namespace base = policy::base;

constexpr std::size_t kTokenSize = 43;  // 32 bytes as base64url without padding

std::string make_token(base::Random& random);

// SHA-256 over the token's text.
store::Hash hash_token(std::string_view token);

bool looks_like_token(std::string_view token);

}  // namespace gateway::session
