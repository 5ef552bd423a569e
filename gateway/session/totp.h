// The second factor: time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 s, as every authenticator reads
// them.
//
// Pure functions; any thread. liboath keeps no memory of used codes: the caller stores the counter that
// verify_code() returns and accepts only later ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policy/base/instant.h"
#include "policy/base/random.h"

namespace gateway::session {

namespace base = policy::base;

using TotpSecret = std::array<std::uint8_t, 20>;  // 160 bits: RFC 4226 § 4, R6

constexpr unsigned kTotpStep_s = 30;
constexpr std::size_t kTotpWindow = 1;  // steps before and after now: phones' clocks differ

// What the person's authenticator needs: as a URI for a QR code, and as text to type.
struct TotpOffer {
  std::string uri;     // otpauth://totp/…
  std::string secret;  // base32
};

TotpOffer offer(const TotpSecret& secret, std::string_view issuer, std::string_view account);

// The time step of a right code, nothing for a wrong one.
std::optional<std::int64_t> verify_code(const TotpSecret& secret, std::string_view code, base::Instant now);

}  // namespace gateway::session
