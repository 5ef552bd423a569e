#include "audit/verify/tree.h"

#include "audit/log/tile_reader.h"

namespace audit::verify {

using merkle::Hash;
using merkle::kTileWidth;

std::optional<Hash> UpperTiles::child(std::uint64_t number) const {
  if (number < below_first_ || number - below_first_ >= below_.size()) return {};
  return below_[number - below_first_];
}

void UpperTiles::check() {
  below_first_ = first_;
  for (unsigned level = 1; level < merkle::levels_of(size_); ++level) {
    std::vector<std::optional<Hash>> above;
    const std::uint64_t from = below_first_ / kTileWidth;
    for (std::uint64_t index = from; merkle::width_of(level, index, size_) > 0; ++index)
      above.push_back(check_tile(level, index));
    below_ = std::move(above);
    below_first_ = from;
  }
}

// The root of the tile if it is full: over what was computed, and where that is unknown over what is stored.
std::optional<Hash> UpperTiles::check_tile(unsigned level, std::uint64_t index) {
  const unsigned width = merkle::width_of(level, index, size_);
  const unsigned shift = level * merkle::kTileHeight;
  const std::uint64_t first = index * kTileWidth;
  const auto stored = log::read_tile(objects_, level, index, size_);
  if (!stored) {
    if (stored.error().code != "log.tile-missing") findings_.storage_failed(stored.error());
    findings_.wrong("tile.missing", first << shift, merkle::tile_path({level, index, width}), "a tile is missing");
    return {};
  }
  auto hashes = merkle::parse_tile(stored->bytes, stored->tile.width);
  const std::string path = merkle::tile_path(stored->tile);
  if (!hashes) findings_.wrong("tile.unreadable", first << shift, path, hashes.error());
  std::vector<Hash> known;
  for (unsigned i = 0; i < width; ++i) {
    const auto computed = child(first + i);
    if (computed && hashes && (*hashes)[i] != *computed)
      findings_.wrong("tile.hash", (first + i) << shift, path, "a hash over the entries from here on is not theirs");
    if (computed)
      known.push_back(*computed);
    else if (hashes)
      known.push_back((*hashes)[i]);
  }
  if (known.size() != kTileWidth) return {};
  return merkle::subtree_root(std::move(known));
}

}  // namespace audit::verify
