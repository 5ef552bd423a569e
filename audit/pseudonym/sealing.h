// What keys of months and of days are made with: keyed hashes, and boxes that only their recipient opens. For this
// room.
//
// Pure; randomness comes in. Safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "audit/pseudonym/pseudonym.h"

namespace audit::pseudonym {

std::array<std::uint8_t, 4> big_endian(std::uint32_t value);

// BLAKE2b(key, domain ‖ message), 16 or 32 bytes.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> keyed_hash(policy::base::ByteView key, std::string_view domain,
                                           policy::base::ByteView message);

// crypto_box_seal with the ephemeral key from the randomness port, so that a run can be replayed; opened by the
// ordinary crypto_box_seal_open.
// Error: epoch.party-key.
Result<policy::base::Bytes> seal_to(const PublicKey& recipient, policy::base::ByteView plain,
                                    policy::base::Random& random);

}  // namespace audit::pseudonym
