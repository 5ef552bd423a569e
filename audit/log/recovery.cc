// How a log starts, and starts again after any failure: what was promised is published, what was not is dropped.
#include <algorithm>

#include "audit/event/codec.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/log/stage.h"

namespace audit::log {

using policy::base::as_bytes;
using policy::base::as_text;
using policy::base::fail;

namespace {

constexpr const char* kKeepEverything = "do not delete anything: have the folder verified with feierabend-audit verify";

// Superseded partial tiles of every tile among `tiles` that has become full.
Status remove_superseded(Objects& objects, const std::vector<Object>& tiles) {
  std::vector<std::string> gone;
  for (const Object& object : tiles) {
    const auto tile = merkle::parse_tile_path(object.path);
    if (!tile || tile->width != merkle::kTileWidth) continue;
    auto partial = objects.list(object.path + ".p/");
    if (!partial) return std::unexpected(partial.error());
    gone.insert(gone.end(), partial->begin(), partial->end());
  }
  gone.emplace_back(kStagePath);
  return objects.remove(gone);
}

}  // namespace

Status Log::publish(const std::string& note, const std::vector<Object>& tiles) {
  if (auto put = ports_.objects.put_all(tiles); !put) return put;
  const Object checkpoint{std::string(kCheckpointPath), Bytes(note.begin(), note.end())};
  if (auto put = ports_.objects.put_all(std::span(&checkpoint, 1)); !put) return put;
  return remove_superseded(ports_.objects, tiles);
}

// The published checkpoint must be one of this log's past: not of another key, not newer, not another tree.
Status Log::check_published(const checkpoint::Checkpoint& promised) const {
  auto bytes = ports_.objects.get(kCheckpointPath);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return {};
  auto published = checkpoint::open_checkpoint(as_text(**bytes), key_.verifier());
  if (!published)
    return fail("log.origin", published.error().seen, published.error().allowed, kKeepEverything,
                std::string(kCheckpointPath));
  if (published->size > promised.size) {
    return fail("log.rolled-back",
                "a promise of " + std::to_string(promised.size) + " entries, but " + std::to_string(published->size) +
                    " published",
                "never fewer than published", "restore sequencer/checkpoint from the same time as the tiles");
  }
  TileReader reader(ports_.objects, promised.size);
  auto root = merkle::tree_root(published->size, reader.nodes());
  if (!root) return std::unexpected(root.error());
  if (*root == published->root) return {};
  return fail("log.tree", "a published checkpoint of another tree", "a checkpoint of this log's past", kKeepEverything,
              std::string(kCheckpointPath));
}

// Slots after the last entry belong to a batch that was never promised. Their keys must not stay.
Status Log::cut_side(std::uint64_t size) {
  std::vector<std::string> gone;
  for (const std::string prefix : {"side/keys/", "side/records/"}) {
    auto paths = ports_.objects.list(prefix);
    if (!paths) return std::unexpected(paths.error());
    const std::uint64_t bundles = (size + merkle::kTileWidth - 1) / merkle::kTileWidth;
    std::uint64_t number = bundles;
    for (std::string path = prefix + merkle::number_path(number); std::ranges::binary_search(*paths, path);
         path = prefix + merkle::number_path(++number))
      gone.push_back(path);
  }
  if (auto removed = ports_.objects.remove(gone); !removed) return removed;
  if (size % merkle::kTileWidth == 0) return {};
  for (const Object& object : edge_->side_objects()) {
    auto stored = ports_.objects.get(object.path);
    if (!stored) return std::unexpected(stored.error());
    if (*stored == object.bytes) continue;
    if (auto put = ports_.objects.put_all(std::span(&object, 1)); !put) return put;
  }
  return {};
}

// A record may not be stamped before the last one, even if the clock was set back while the service was down.
Status Log::read_last_hour(std::uint64_t size) {
  if (size == 0) return {};
  auto stored = read_tile(ports_.objects, std::nullopt, (size - 1) / merkle::kTileWidth, size);
  if (!stored) return std::unexpected(stored.error());
  auto entries = merkle::parse_bundle(stored->bytes, stored->tile.width);
  if (!entries) return std::unexpected(entries.error());
  auto leaf = event::decode_leaf((*entries)[(size - 1) % merkle::kTileWidth]);
  if (!leaf) return std::unexpected(leaf.error());
  last_at_ = std::max(last_at_, policy::base::Instant{static_cast<std::int64_t>(leaf->hour) * 3600});
  return {};
}

Status Log::recover() {
  edge_.reset();
  auto locked = ports_.lock.load();
  if (!locked) return std::unexpected(locked.error());
  if (locked->empty()) {
    auto existing = ports_.objects.list("");
    if (!existing) return std::unexpected(existing.error());
    const auto foreign = [](const std::string& path) { return path == kCheckpointPath || path.starts_with("tile/"); };
    if (std::ranges::any_of(*existing, foreign))
      return fail("log.lock-missing", "a log without its sequencer/checkpoint", "both or neither", kKeepEverything);
    *locked = checkpoint::sign_checkpoint({key_.verifier().name(), 0, merkle::empty_root(), {}}, key_);
    if (auto created = ports_.lock.replace("", *locked); !created) return created;
  }
  auto promised = checkpoint::open_checkpoint(*locked, key_.verifier());
  if (!promised)
    return fail("log.origin", promised.error().seen, promised.error().allowed,
                "give the signing key of this log, or another folder", std::string(kLockedCheckpointPath));

  std::vector<Object> staged;
  auto stage_bytes = ports_.objects.get(kStagePath);
  if (!stage_bytes) return std::unexpected(stage_bytes.error());
  if (*stage_bytes) {
    auto stage = decode_stage(**stage_bytes);
    if (stage && stage->checkpoint == *locked) staged = std::move(stage->objects);
  }
  if (!staged.empty()) {
    if (auto put = ports_.objects.put_all(staged); !put) return put;
  }
  auto edge = Edge::load(ports_.objects, promised->size, promised->root);
  if (!edge) return std::unexpected(edge.error());
  if (auto good = check_published(*promised); !good) return good;
  edge_ = std::move(*edge);
  if (auto hour = read_last_hour(promised->size); !hour) return edge_.reset(), hour;
  if (auto cut = cut_side(promised->size); !cut) return edge_.reset(), cut;
  if (auto published = publish(*locked, staged); !published) return edge_.reset(), published;
  promised_ = *locked;
  const std::scoped_lock lock(mutex_);
  newest_ = promised_;
  return {};
}

Status Log::erase_now(std::uint64_t index) {
  if (!edge_) {
    if (auto recovered = recover(); !recovered) return recovered;
  }
  if (index >= edge_->size())
    return fail("log.index", "entry " + std::to_string(index), "below " + std::to_string(edge_->size()));
  const std::uint64_t bundle = index / merkle::kTileWidth, slot = index % merkle::kTileWidth;
  edge_->forget(index);
  if (auto zeroed = ports_.objects.zero(keys_path(bundle), slot * event::kEntryKeySize, event::kEntryKeySize); !zeroed)
    return zeroed;
  auto records = ports_.objects.get(records_path(bundle));
  if (!records) return std::unexpected(records.error());
  const auto slots = *records ? merkle::read_bundle(**records, merkle::kTileWidth) : merkle::Bundle{};
  if (slots.entries.size() <= slot)
    return fail("log.side", "a side object without this entry", "its ciphertext", {}, records_path(bundle));
  std::size_t offset = 2;
  for (std::size_t i = 0; i < slot; ++i) offset += 2 + slots.entries[i].size();
  return ports_.objects.zero(records_path(bundle), offset, slots.entries[slot].size());
}

}  // namespace audit::log
