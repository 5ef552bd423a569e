// Reads the tree's nodes out of stored tiles, for proofs, recovery and the auditor.
//
// Keeps the tiles it used last with their inner nodes, at most kTilesKept of 16 KiB: a node of a kept tile costs no
// hashing and no copy. Holds a reference to the objects, which must outlive it; one thread at a time. Errors:
// log.tile-missing, tile.size, and those of the objects.
#pragma once

#include <map>
#include <vector>

#include "audit/log/ports.h"
#include "audit/merkle/proof.h"
#include "audit/merkle/tile_tree.h"

namespace audit::log {

// A tile or bundle by its place in a tree of `size` leaves. Where the partial one is gone, the full one that has
// replaced it serves, cut to the width; `bytes` is the whole object then.
struct StoredTile {
  merkle::Tile tile;  // as found: its width says how much of it there is
  Bytes bytes;
};
Result<StoredTile> read_tile(const Objects& objects, std::optional<unsigned> level, std::uint64_t index,
                             std::uint64_t size);

class TileReader {
 public:
  static constexpr std::size_t kTilesKept = 64;
  TileReader(const Objects& objects, std::uint64_t size) : objects_(objects), size_(size) {}

  // The hashes of one tile, as many as a tree of `size` has there.
  Result<std::vector<merkle::Hash>> tile(unsigned level, std::uint64_t index);
  Result<merkle::Hash> node(unsigned level, std::uint64_t index);
  // Valid as long as this reader.
  merkle::NodeReader nodes() {
    return [this](unsigned level, std::uint64_t index) { return node(level, index); };
  }

 private:
  struct Kept {
    merkle::TileTree tree;
    std::uint64_t used = 0;  // when, in calls of load()
  };
  // Valid until the next call.
  Result<const merkle::TileTree*> load(unsigned level, std::uint64_t index);

  const Objects& objects_;
  std::uint64_t size_;
  std::uint64_t calls_ = 0;
  std::map<std::pair<unsigned, std::uint64_t>, Kept> kept_;
};

}  // namespace audit::log
