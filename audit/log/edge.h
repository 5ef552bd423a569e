// The right edge of a log: all that is needed to append, which is the last, partial tile of each level, the last bundle
// and the last side objects. A value. The sequencer grows it first and makes the growth durable then; if it cannot, it
// throws the edge away and loads another.
//
// One thread at a time. It holds the keys of up to 255 entries and of all that has grown since take_growth().
#pragma once

#include <cstdint>
#include <vector>

#include "audit/event/sealed.h"
#include "audit/log/ports.h"
#include "audit/log/tile_reader.h"
#include "audit/merkle/compact_range.h"

namespace audit::log {

class Edge {
 public:
  Edge() = default;

  // Reads the edge of a tree of `size` leaves and cuts side objects back to it. `root` is what the checkpoint promises.
  // Errors: log.tree (the stored tiles lead to another root), log.side (a side object too short or not readable).
  static Result<Edge> load(const Objects& objects, std::uint64_t size, const merkle::Hash& root);

  void append(const event::SealedEvent& sealed, const event::EntryKey& key) {
    append(sealed, key, merkle::leaf_hash(sealed.leaf));
  }
  void append(const event::SealedEvent& sealed, const event::EntryKey& key, const merkle::Hash& leaf_hash);

  std::uint64_t size() const { return range_.size(); }
  merkle::Hash root() const { return range_.root(); }

  // What has grown since the last call: full tiles, then the partial ones as they stand.
  struct Growth {
    std::vector<Object> tiles;  // public
    std::vector<Object> side;   // keys and records
  };
  Growth take_growth();

  // Keys and records of the bundle that is not full, as they must stand in the store; empty if the last one is full.
  std::vector<Object> side_objects() const;

  // Forgets the key and the record of an entry of the last bundle, if it is there. Not of what has grown since
  // take_growth().
  void forget(std::uint64_t index);

 private:
  void complete(unsigned level);
  void seal_bundle(Growth& out);

  merkle::CompactRange range_;
  std::vector<std::vector<merkle::Hash>> levels_;  // the partial tile of each level, perhaps empty
  Bytes entries_, keys_, records_;                 // of the bundle that is not full
  std::uint64_t taken_ = 0;                        // size at the last take_growth
  Growth full_;                                    // completed since then
};

}  // namespace audit::log
