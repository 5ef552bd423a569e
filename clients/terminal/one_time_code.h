// One-time codes (RFC 6238: SHA-1, 30 s, six digits) for machines that must log in by themselves, and the secret inside
// an otpauth URI. People use an authenticator app on another device; a secret beside the password is no second factor.
//
// Pure. Errors: totp.uri, totp.secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/instant.h"
#include "policy/base/result.h"

namespace clients::terminal {

constexpr std::int64_t kCodeStep_s = 30;

// The base32 secret of "otpauth://totp/…?secret=…".
policy::base::Result<std::string> secret_of_uri(std::string_view uri);
policy::base::Result<std::string> one_time_code(const std::string& base32_secret, std::int64_t step);
inline std::int64_t step_at(policy::base::Instant now) { return now.unix_s / kCodeStep_s; }

}  // namespace clients::terminal
