// Envelopes at rest: XChaCha20-Poly1305 (libsodium) under the key of the bucket. Sealed form: nonce (24 bytes) ‖
// ciphertext ‖ tag (16 bytes); additional data: conversation (16 bytes) ‖ sequence (8 bytes, big-endian), so that a row
// moved to another place does not open.
//
// Pure over the randomness port, thread-safe. Error: store.corrupt.
#pragma once

#include <array>
#include <string>

#include "policy/base/bytes.h"
#include "policy/base/random.h"

namespace relay::store {

using BucketKey = std::array<std::uint8_t, 32>;

std::string seal(const BucketKey& key, const policy::base::ConversationId& conversation, std::uint64_t sequence,
                 std::string_view plaintext, policy::base::Random& random);
policy::base::Result<std::string> unseal(const BucketKey& key, const policy::base::ConversationId& conversation,
                                         std::uint64_t sequence, policy::base::ByteView sealed);

// What a client message id is remembered by: a keyed BLAKE2b, so that the id itself is nowhere but in the sealed
// envelope.
std::array<std::uint8_t, 16> message_digest(const BucketKey& secret, std::string_view device,
                                            std::string_view message_id);

}  // namespace relay::store
