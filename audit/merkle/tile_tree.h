// One tile with all the nodes between its hashes, so that a proof takes them instead of hashing again.
//
//     level 0     h0 h1 h2 h3 h4        the hashes of the tile, here 5
//     level 1      n0    n1             MTH of each complete pair
//     level 2         n0                only complete subtrees have a node
//
// A value, at most 511 nodes of 32 bytes; safe from any thread.
#pragma once

#include <vector>

#include "audit/merkle/tile.h"

namespace audit::merkle {

class TileTree {
 public:
  // Up to kTileWidth hashes; what is beyond is dropped.
  explicit TileTree(std::vector<Hash> hashes);

  unsigned width() const { return width_; }
  // Level 0 to kTileHeight inside this tile; none where there is no complete subtree. Valid as long as this tree.
  const Hash* node(unsigned level, std::uint64_t index) const;
  std::vector<Hash> hashes() const { return {nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(width_)}; }

 private:
  unsigned width_;
  std::vector<Hash> nodes_;  // level after level
  std::array<std::size_t, kTileHeight + 1> first_{};
};

}  // namespace audit::merkle
