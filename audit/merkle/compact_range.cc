#include "audit/merkle/compact_range.h"

#include <bit>
#include <cstdlib>

namespace audit::merkle {

policy::base::Result<CompactRange> CompactRange::from(std::uint64_t size, std::vector<Hash> hashes) {
  if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) {
    return policy::base::fail("merkle.compact-range",
                              std::to_string(hashes.size()) + " hashes for a tree of " + std::to_string(size),
                              std::to_string(std::popcount(size)));
  }
  CompactRange range;
  range.size_ = size;
  range.hashes_ = std::move(hashes);
  return range;
}

void CompactRange::append_subtree(unsigned level, const Hash& hash) {
  if (level > 63 || ((size_ >> level) << level) != size_) std::abort();
  Hash node = hash;
  for (std::uint64_t bits = size_ >> level; (bits & 1) != 0; bits >>= 1) {
    node = node_hash(hashes_.back(), node);
    hashes_.pop_back();
  }
  hashes_.push_back(node);
  size_ += std::uint64_t{1} << level;
}

Hash CompactRange::root() const {
  if (hashes_.empty()) return empty_root();
  Hash root = hashes_.back();
  for (std::size_t i = hashes_.size() - 1; i > 0; --i) root = node_hash(hashes_[i - 1], root);
  return root;
}

}  // namespace audit::merkle
