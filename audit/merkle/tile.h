// Tiles and entry bundles as C2SP tlog-tiles v1 lays them out, pure.
//
//   tile/<L>/<N>[.p/<W>]         up to 256 hashes of 32 bytes; hash i of tile N at level L is
//                                MTH(D[(N·256+i)·256^L : (N·256+i+1)·256^L])
//   tile/entries/<N>[.p/<W>]     up to 256 entries, each uint16 big-endian size ‖ bytes
//
// <N> in groups of three digits, all but the last with an `x` in front: 1234067 is x001/x234/067. A full tile has no
// suffix; `.p/W` names a partial one of W entries, 1 to 255. An empty tile does not exist.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle/hash.h"

namespace audit::merkle {

constexpr unsigned kTileWidth = 256;
constexpr unsigned kTileHeight = 8;    // levels of the tree in one tile
constexpr unsigned kTileLevelMax = 7;  // 256^8 leaves do not fit 64 bits
constexpr std::size_t kEntrySizeMax = 65535;
constexpr std::size_t kTileBytesMax = kTileWidth * kHashSize;
constexpr std::size_t kBundleBytesMax = kTileWidth * (2 + kEntrySizeMax);

struct Tile {
  std::optional<unsigned> level;  // none: an entry bundle
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1 to 256

  auto operator<=>(const Tile&) const = default;
};

std::string tile_path(const Tile& tile);
// Strict inverse of tile_path. Error: tile.path.
policy::base::Result<Tile> parse_tile_path(std::string_view path);

// "x001/x234/067", for folders of our own that are cut like tiles.
std::string number_path(std::uint64_t number);

// How many hashes level L holds in a tree of `size` leaves: ⌊size / 256^L⌋.
std::uint64_t hashes_at(unsigned level, std::uint64_t size);
// The width of tile N at that level, 0 if it does not exist yet.
unsigned width_of(unsigned level, std::uint64_t index, std::uint64_t size);
// The levels that hold at least one hash.
unsigned levels_of(std::uint64_t size);
// The tiles (hashes and entries) that a tree of `to` leaves has and one of `from` leaves has not, lowest level first.
std::vector<Tile> tiles_between(std::uint64_t from, std::uint64_t to);

// A tile's bytes to hashes. Errors: tile.size (not `width` hashes).
policy::base::Result<std::vector<Hash>> parse_tile(ByteView bytes, unsigned width);
policy::base::Bytes format_tile(const std::vector<Hash>& hashes);

// MTH over a power of two of hashes, up to a whole tile.
Hash subtree_root(std::vector<Hash> hashes);

struct Bundle {
  std::vector<policy::base::Bytes> entries;   // those that could be read, in order
  std::optional<policy::base::Error> broken;  // what stopped the reading at entry number entries.size(), if anything
};

// The same without copies: views into the bytes that were read.
struct BundleView {
  std::vector<ByteView> entries;
  std::optional<policy::base::Error> broken;
};

// Never fails as a whole: an auditor wants to know which entry is the first that cannot be read.
// Errors inside: bundle.truncated, bundle.trailing (bytes after entry number `width`), bundle.width (too few).
Bundle read_bundle(ByteView bytes, unsigned width);
// As long as `bytes` live.
BundleView view_bundle(ByteView bytes, unsigned width);
// All or nothing.
policy::base::Result<std::vector<policy::base::Bytes>> parse_bundle(ByteView bytes, unsigned width);
// Entries of at most kEntrySizeMax bytes, which the writers of entries guarantee by their types.
void append_entry(policy::base::Bytes& bundle, ByteView entry);

}  // namespace audit::merkle
