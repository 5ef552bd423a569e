// Destroying records in place: the keys of entries become zero first, then their ciphertexts. Leaves, tiles and proofs
// are not touched. May be repeated, and has to be after an error: any part of it may have happened.
//
// Called by nobody but Log::erase_all: the sequencer keeps keys of the last bundle in memory, and its journal may carry
// more. Durable when it returns. Errors: log.side (a side object without the entry) and those of the objects. An entry
// whose side objects are gone is erased already.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>

#include "audit/log/ports.h"
#include "audit/merkle/tile.h"

namespace audit::log {

// Rising indices; at most a few thousand at once, because all of it is written before it is synchronised.
Status zero_entries(Objects& objects, std::span<const std::uint64_t> indices);

using Slots = std::bitset<merkle::kTileWidth>;
// The entries of a bundle that still have a key, or whose ciphertext is not zero yet.
Result<Slots> unerased_entries(const Objects& objects, std::uint64_t bundle);

}  // namespace audit::log
