// The labelled key derivation of HPKE (RFC 9180 § 4), which has its own prefix and framing. Pure but for the port.
#pragma once

#include <string_view>

#include "clients/mls/core/bytes.h"
#include "clients/mls/crypto/port.h"

namespace clients::mls {

// "KEM" ‖ kem_id, for what belongs to DHKEM(X25519, HKDF-SHA256) (RFC 9180 § 4.1).
constexpr std::array<std::uint8_t, 5> kKemSuiteId = {'K', 'E', 'M', 0x00, 0x20};

Secret labeled_extract(const Crypto& crypto, ByteView suite_id, ByteView salt, std::string_view label, ByteView input);
void labeled_expand(const Crypto& crypto, ByteView suite_id, const Secret& secret, std::string_view label,
                    ByteView info, std::span<std::uint8_t> out);  // both: RFC 9180 § 4

}  // namespace clients::mls
