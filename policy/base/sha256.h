// SHA-256 (FIPS 180-4): the digest by which the house names packs, bundles, facts and tree nodes. By the processor's
// own instructions where it has them (x86 SHA extensions, four times as fast), otherwise through libsodium.
//
// Pure; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "policy/base/bytes.h"

namespace policy::base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(ByteView bytes);
inline Sha256 sha256(std::string_view text) { return sha256(as_bytes(text)); }
Sha256 hmac_sha256(const Sha256& key, ByteView bytes);  // RFC 2104

}  // namespace policy::base
