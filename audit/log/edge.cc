#include "audit/log/edge.h"

#include <algorithm>
#include <utility>

#include "audit/log/layout.h"

namespace audit::log {
namespace {

using merkle::Hash;
using merkle::kTileWidth;
using policy::base::fail;

// One hash for each set bit of `size`, largest subtree first; all of them lie in the partial tiles.
Result<merkle::CompactRange> range_from(TileReader& reader, std::uint64_t size) {
  std::vector<Hash> hashes;
  for (int bit = 63; bit >= 0; --bit) {
    const auto level = static_cast<unsigned>(bit);
    if (((size >> level) & 1) == 0) continue;
    auto hash = reader.node(level, (size >> level) - 1);
    if (!hash) return std::unexpected(hash.error());
    hashes.push_back(*hash);
  }
  return merkle::CompactRange::from(size, std::move(hashes));
}

std::unexpected<policy::base::Error> bad_side(const std::string& path) {
  return fail("log.side", "a side object that is missing, short or broken", "keys and records of every entry",
              "restore the folder from a backup of the same or a later time", path);
}

}  // namespace

Result<Edge> Edge::load(const Objects& objects, std::uint64_t size, const Hash& root) {
  TileReader reader(objects, size);
  Edge edge;
  auto range = range_from(reader, size);
  if (!range) return std::unexpected(range.error());
  if (range->root() != root) {
    return fail("log.tree", "tiles that lead to root " + policy::base::to_hex(range->root()),
                policy::base::to_hex(root) + ", as the checkpoint promises",
                "do not delete anything: have the folder verified with feierabend-audit verify");
  }
  edge.range_ = std::move(*range);
  edge.taken_ = size;
  edge.levels_.resize(merkle::levels_of(size));
  for (unsigned level = 0; level < edge.levels_.size(); ++level) {
    const std::uint64_t hashes = merkle::hashes_at(level, size);
    if (hashes % kTileWidth == 0) continue;
    auto tile = reader.tile(level, hashes / kTileWidth);
    if (!tile) return std::unexpected(tile.error());
    edge.levels_[level] = std::move(*tile);
  }
  const unsigned width = size % kTileWidth;
  if (width == 0) return edge;
  const std::uint64_t bundle = size / kTileWidth;
  auto entries = read_tile(objects, std::nullopt, bundle, size);
  if (!entries) return std::unexpected(entries.error());
  auto leaves = merkle::parse_bundle(entries->bytes, entries->tile.width);
  if (!leaves) return std::unexpected(leaves.error());
  for (unsigned i = 0; i < width; ++i) {
    if (merkle::leaf_hash((*leaves)[i]) != edge.levels_[0][i])
      return fail("log.tree", "an entry that differs from its hash", "the entry as it was logged", {},
                  "entry " + std::to_string(bundle * kTileWidth + i));
    merkle::append_entry(edge.entries_, (*leaves)[i]);
  }
  auto keys = objects.get(keys_path(bundle));
  if (!keys) return std::unexpected(keys.error());
  if (!*keys || (*keys)->size() < width * event::kEntryKeySize) return bad_side(keys_path(bundle));
  edge.keys_.assign((*keys)->begin(), (*keys)->begin() + static_cast<std::ptrdiff_t>(width * event::kEntryKeySize));
  auto records = objects.get(records_path(bundle));
  if (!records) return std::unexpected(records.error());
  const auto slots = *records ? merkle::read_bundle(**records, kTileWidth) : merkle::Bundle{};
  if (slots.entries.size() < width) return bad_side(records_path(bundle));
  for (unsigned i = 0; i < width; ++i) merkle::append_entry(edge.records_, slots.entries[i]);
  return edge;
}

void Edge::append(const event::SealedEvent& sealed, const event::EntryKey& key, const Hash& leaf_hash) {
  merkle::append_entry(entries_, sealed.leaf);
  merkle::append_entry(records_, sealed.ciphertext);
  keys_.insert(keys_.end(), key.begin(), key.end());
  range_.append(leaf_hash);
  if (levels_.empty()) levels_.resize(1);
  levels_[0].push_back(leaf_hash);
  if (range_.size() % kTileWidth == 0) {
    seal_bundle(full_);
    entries_.clear(), keys_.clear(), records_.clear();
    complete(0);
  }
}

void Edge::seal_bundle(Growth& out) {
  const std::uint64_t last = range_.size() - 1;
  const std::uint64_t bundle = last / kTileWidth;
  const unsigned width = static_cast<unsigned>(last % kTileWidth) + 1;
  out.tiles.push_back({merkle::tile_path({std::nullopt, bundle, width}), entries_});
  out.side.push_back({keys_path(bundle), keys_});
  out.side.push_back({records_path(bundle), records_});
}

std::vector<Object> Edge::side_objects() const {
  if (range_.size() % kTileWidth == 0) return {};
  const std::uint64_t bundle = range_.size() / kTileWidth;
  return {{keys_path(bundle), keys_}, {records_path(bundle), records_}};
}

void Edge::complete(unsigned level) {
  const std::uint64_t index = merkle::hashes_at(level, range_.size()) / kTileWidth - 1;
  full_.tiles.push_back({merkle::tile_path({level, index, kTileWidth}), merkle::format_tile(levels_[level])});
  const Hash parent = merkle::subtree_root(std::move(levels_[level]));
  levels_[level].clear();
  if (levels_.size() == level + 1) levels_.emplace_back();
  levels_[level + 1].push_back(parent);
  if (levels_[level + 1].size() == kTileWidth) complete(level + 1);
}

Edge::Growth Edge::take_growth() {
  Growth growth = std::exchange(full_, {});
  if (range_.size() % kTileWidth != 0 && range_.size() != taken_) seal_bundle(growth);
  for (unsigned level = 0; level < levels_.size(); ++level) {
    const std::uint64_t hashes = merkle::hashes_at(level, range_.size());
    if (levels_[level].empty() || hashes == merkle::hashes_at(level, taken_)) continue;
    const auto width = static_cast<unsigned>(levels_[level].size());
    growth.tiles.push_back(
        {merkle::tile_path({level, hashes / kTileWidth, width}), merkle::format_tile(levels_[level])});
  }
  taken_ = range_.size();
  return growth;
}

void Edge::forget(std::uint64_t index) {
  if (index / kTileWidth != range_.size() / kTileWidth || index >= range_.size()) return;
  const auto slot = static_cast<std::ptrdiff_t>(index % kTileWidth);
  constexpr auto kKeySize = static_cast<std::ptrdiff_t>(event::kEntryKeySize);
  std::fill_n(keys_.begin() + slot * kKeySize, kKeySize, std::uint8_t{0});
  std::size_t at = 0;
  for (std::ptrdiff_t i = 0;; ++i) {
    const std::size_t size = static_cast<std::size_t>(records_[at]) << 8 | records_[at + 1];
    if (i == slot) {
      std::fill_n(records_.begin() + static_cast<std::ptrdiff_t>(at) + 2, size, std::uint8_t{0});
      return;
    }
    at += 2 + size;
  }
}

}  // namespace audit::log
