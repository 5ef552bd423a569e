// How far a verification has come, as a small file that a later run goes on from:
//
//   feierabend-audit position v1
//   first <decimal>               entry at which the verification began
//   entries <decimal>             all before this one are checked, a multiple of 256
//   latest <decimal>              latest instant of a record so far, Unix seconds
//   records <decimal>             read
//   erased <decimal>
//   <base64 hash>                 compact range of the entries, largest subtree first
//   <empty line>
//   <the checkpoint under which it was checked, a signed note>
//
// It is not signed, and need not be: the hashes must lead to the signed root together with what the log holds after
// them, so no position can claim other entries than the log's. That they *were* checked is what its keeper knows.
//
// Pure; values; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/merkle/compact_range.h"
#include "audit/merkle/proof.h"

namespace audit::verify {

using policy::base::Result;

struct Position {
  std::uint64_t first = 0;
  merkle::CompactRange range;  // its size is the number of entries
  std::int64_t latest = 0;
  std::uint64_t records = 0, erased = 0;
  std::string checkpoint;
};

// Strict inverse of each other. Errors: position.syntax, checkpoint.number, hash.size.
Result<Position> parse_position(std::string_view text);
std::string format_position(const Position& position);

// The root of `size` leaves of which `range` are the first and the rest stands in the tiles. Errors: as the reader.
Result<merkle::Hash> root_after(merkle::CompactRange range, std::uint64_t size, const merkle::NodeReader& read);

// The compact range of the first `size` leaves, as the tiles have it. Errors: as the reader.
Result<merkle::CompactRange> range_before(std::uint64_t size, const merkle::NodeReader& read);

}  // namespace audit::verify
