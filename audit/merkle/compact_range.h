// The root of a growing tree from O(log n) hashes: one per complete subtree on the left edge of what is still open.
//
//        size 11 = 8 + 2 + 1        hashes() = [ MTH(0..8), MTH(8..10), MTH(10..11) ]
//
// A value: copy it to try an append and to forget it again. No thread rules beyond that.
#pragma once

#include <cstdint>
#include <vector>

#include "audit/merkle/hash.h"

namespace audit::merkle {

class CompactRange {
 public:
  CompactRange() = default;

  // Goes on from a stored state: `hashes` largest subtree first, one for each set bit of `size`.
  // Error: merkle.compact-range.
  static policy::base::Result<CompactRange> from(std::uint64_t size, std::vector<Hash> hashes);

  void append(const Hash& leaf) { append_subtree(0, leaf); }
  // MTH of 2^level leaves at once; size() must be a multiple of 2^level, anything else ends the program.
  void append_subtree(unsigned level, const Hash& hash);
  std::uint64_t size() const { return size_; }
  Hash root() const;
  const std::vector<Hash>& hashes() const { return hashes_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> hashes_;  // largest first; at most 64
};

}  // namespace audit::merkle
