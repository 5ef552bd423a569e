#include "audit/log/tile_reader.h"

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

Result<std::vector<Hash>> TileReader::tile(unsigned level, std::uint64_t index) {
  if (const auto kept = kept_.find({level, index}); kept != kept_.end()) return kept->second;
  auto stored = read_tile(objects_, level, index, size_);
  if (!stored) return std::unexpected(stored.error());
  auto hashes = merkle::parse_tile(stored->bytes, stored->tile.width);
  if (!hashes) return hashes;
  hashes->resize(merkle::width_of(level, index, size_));
  if (kept_.size() >= kTilesKept) kept_.clear();
  kept_[{level, index}] = *hashes;
  return hashes;
}

Result<Hash> TileReader::node(unsigned level, std::uint64_t index) {
  const unsigned tile_level = level / merkle::kTileHeight, inner = level % merkle::kTileHeight;
  const std::uint64_t first = index << inner;
  auto hashes = tile(tile_level, first / merkle::kTileWidth);
  if (!hashes) return std::unexpected(hashes.error());
  const std::size_t begin = first % merkle::kTileWidth, count = std::size_t{1} << inner;
  if (begin + count > hashes->size())
    return fail("log.tile-missing", "a tile with " + std::to_string(hashes->size()) + " hashes", "a complete subtree");
  const auto from = hashes->begin() + static_cast<std::ptrdiff_t>(begin);
  return merkle::subtree_root({from, from + static_cast<std::ptrdiff_t>(count)});
}

}  // namespace audit::log
