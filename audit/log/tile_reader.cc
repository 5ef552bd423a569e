#include "audit/log/tile_reader.h"

#include <algorithm>

namespace audit::log {

using merkle::Hash;
using policy::base::fail;

Result<StoredTile> read_tile(const Objects& objects, std::optional<unsigned> level, std::uint64_t index,
                             std::uint64_t size) {
  const unsigned width = merkle::width_of(level.value_or(0), index, size);
  for (const unsigned try_width : {width, merkle::kTileWidth}) {
    if (try_width == 0) break;
    const merkle::Tile tile{level, index, try_width};
    auto bytes = objects.get(merkle::tile_path(tile));
    if (!bytes) return std::unexpected(bytes.error());
    if (*bytes) return StoredTile{tile, std::move(**bytes)};
  }
  const std::string path = merkle::tile_path({level, index, width == 0 ? merkle::kTileWidth : width});
  return fail("log.tile-missing", "no object '" + path + "'", "every tile of a tree of " + std::to_string(size));
}

Result<const merkle::TileTree*> TileReader::load(unsigned level, std::uint64_t index) {
  ++calls_;
  if (const auto kept = kept_.find({level, index}); kept != kept_.end()) {
    kept->second.used = calls_;
    return &kept->second.tree;
  }
  auto stored = read_tile(objects_, level, index, size_);
  if (!stored) return std::unexpected(stored.error());
  auto hashes = merkle::parse_tile(stored->bytes, stored->tile.width);
  if (!hashes) return std::unexpected(hashes.error());
  hashes->resize(merkle::width_of(level, index, size_));
  if (kept_.size() >= kTilesKept)
    kept_.erase(std::ranges::min_element(kept_, {}, [](const auto& tile) { return tile.second.used; }));
  const auto place = kept_.emplace(std::pair(level, index), Kept{merkle::TileTree(std::move(*hashes)), calls_}).first;
  return &place->second.tree;
}

Result<std::vector<Hash>> TileReader::tile(unsigned level, std::uint64_t index) {
  const auto tree = load(level, index);
  if (!tree) return std::unexpected(tree.error());
  return (*tree)->hashes();
}

Result<Hash> TileReader::node(unsigned level, std::uint64_t index) {
  // A subtree of 256^k leaves is a hash of level k, where it stands as soon as it is complete.
  const unsigned tile_level = level / merkle::kTileHeight, inner = level % merkle::kTileHeight;
  const std::uint64_t first = index << inner;
  auto tree = load(tile_level, first / merkle::kTileWidth);
  if (!tree) return std::unexpected(tree.error());
  const Hash* hash = (*tree)->node(inner, (first % merkle::kTileWidth) >> inner);
  if (hash != nullptr) return *hash;
  return fail("log.tile-missing", "a tile with " + std::to_string((*tree)->width()) + " hashes", "a complete subtree");
}

}  // namespace audit::log
