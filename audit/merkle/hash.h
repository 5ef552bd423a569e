// The hashes of a Merkle tree (RFC 6962 § 2.1, RFC 9162 § 2.1.1), SHA-256.
//
//   empty tree  SHA-256("")
//   leaf        SHA-256(0x00 ‖ entry)
//   node        SHA-256(0x01 ‖ left ‖ right)
//
// Pure; safe from any thread.
#pragma once

#include <array>
#include <cstdint>

#include "policy/base/bytes.h"

namespace audit::merkle {

using policy::base::ByteView;

constexpr std::size_t kHashSize = 32;
using Hash = std::array<std::uint8_t, kHashSize>;

Hash sha256(ByteView bytes);
Hash empty_root();
Hash leaf_hash(ByteView entry);
Hash node_hash(const Hash& left, const Hash& right);

// Exactly 32 bytes. Error: hash.size.
policy::base::Result<Hash> to_hash(ByteView bytes);

}  // namespace audit::merkle
