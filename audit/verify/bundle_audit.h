// What the files of one entry bundle say by themselves: tile, entries, keys and records. No other bundle is looked at
// and nothing is kept, so that any number of them can be read at the same time; verify.h puts them in order.
//
// Reads through the Objects port, which any thread may use. Bounded: one bundle has at most 256 entries.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "audit/log/ports.h"
#include "audit/merkle/tile.h"
#include "audit/verify/finding.h"

namespace audit::verify {

struct BundleAudit {
  static constexpr std::int64_t kNotOpened = std::numeric_limits<std::int64_t>::min();
  static constexpr std::uint64_t kNoHour = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t bundle = 0;
  unsigned width = 0;  // as a tree of that size has it
  unsigned read = 0;   // how many entries could be read; below `width` after a finding
  // Of each entry that was read:
  std::array<merkle::Hash, merkle::kTileWidth> hashes;
  std::array<std::uint64_t, merkle::kTileWidth> hours;        // kNoHour: the leaf is malformed
  std::array<std::uint64_t, merkle::kTileWidth> commitments;  // first 8 bytes; 0 with kNoHour
  std::array<std::int64_t, merkle::kTileWidth> at;            // Unix seconds, kNotOpened: erased or not to be opened
  std::optional<merkle::Hash> root;                           // of a full bundle that was read
  std::uint64_t records_read = 0, records_erased = 0;
  std::vector<Finding> findings;                     // in the order of the entries, file by file
  std::optional<policy::base::Error> storage_error;  // makes everything else doubtful
};

enum class Depth : std::uint8_t {
  kCommitments,  // hours and commitments only; no findings
  kPublic,       // entries and hashes: what a copy without side/ has
  kRecords,      // and that each record still readable is the one to which its leaf commits
};

BundleAudit audit_bundle(const log::Objects& objects, std::uint64_t bundle, std::uint64_t size, Depth depth);

}  // namespace audit::verify
