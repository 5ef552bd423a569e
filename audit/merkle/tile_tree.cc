#include "audit/merkle/tile_tree.h"

#include <algorithm>

namespace audit::merkle {

TileTree::TileTree(std::vector<Hash> hashes)
    : width_(static_cast<unsigned>(std::min<std::size_t>(hashes.size(), kTileWidth))), nodes_(std::move(hashes)) {
  nodes_.resize(width_);
  nodes_.reserve(std::size_t{2} * width_);
  for (unsigned level = 1; level <= kTileHeight; ++level) {
    first_[level] = nodes_.size();
    const std::size_t below = first_[level - 1];
    for (std::size_t i = 0; i < width_ >> level; ++i)
      nodes_.push_back(node_hash(nodes_[below + 2 * i], nodes_[below + 2 * i + 1]));
  }
}

const Hash* TileTree::node(unsigned level, std::uint64_t index) const {
  if (level > kTileHeight || index >= width_ >> level) return nullptr;
  return &nodes_[first_[level] + index];
}

}  // namespace audit::merkle
