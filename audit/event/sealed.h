// An event sealed under a key of its own: the leaf commits to the payload, the payload is encrypted, and destroying the
// 32 bytes of the key destroys the record while the leaf, and every proof over it, stays.
//
//     commitment = HMAC-SHA-256(entry key, payload)
//     cipher key = BLAKE2b-256(key = entry key, "feierabend entry cipher v1")
//     ciphertext = ChaCha20-Poly1305-IETF(cipher key, nonce 0, payload, associated data = leaf)
//
// The nonce may be zero because a key seals exactly one payload. With the key gone, the commitment is the output of a
// keyed function whose key nobody has: it cannot even confirm a guess. Pure; safe from any thread.
#pragma once

#include "audit/event/codec.h"

namespace audit::event {

constexpr std::size_t kEntryKeySize = 32;
constexpr std::size_t kCiphertextSizeMax = kPayloadSizeMax + 16;
using EntryKey = std::array<std::uint8_t, kEntryKeySize>;

// All zero: the key was destroyed, and the record with it.
bool is_erased(const EntryKey& key);

struct SealedEvent {
  Bytes leaf;
  Bytes ciphertext;
};

SealedEvent seal(const Event& event, const EntryKey& key);

// Errors: those of decode_leaf and decode_payload; event.erased (the key is gone), event.ciphertext (altered, or of
// another entry), event.commitment (the leaf commits to something else).
Result<Event> unseal(ByteView leaf, const EntryKey& key, ByteView ciphertext);

}  // namespace audit::event
