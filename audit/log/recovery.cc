// How a log starts, and starts again after any failure: what was promised is published, what was not is dropped.
#include <sodium.h>

#include <algorithm>
#include <iterator>

#include "audit/event/codec.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"
#include "audit/log/publisher.h"
#include "audit/log/stage.h"

namespace audit::log {

using policy::base::as_text;
using policy::base::fail;

namespace {

constexpr const char* kKeepEverything = "do not delete anything: have the folder verified with feierabend-audit verify";

}  // namespace

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
Status Log::cut_side(std::uint64_t size, const std::vector<Object>& last) {
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
  for (const Object& object : last) {
    auto stored = ports_.objects.get(object.path);
    if (!stored) return std::unexpected(stored.error());
    if (*stored == object.bytes) continue;
    if (auto put = ports_.objects.put_all(std::span(&object, 1)); !put) return put;
  }
  return {};
}

// When the record of this leaf was written. Once it is erased nobody knows more than the hour: its last second, then,
// because none of the hour's other records may be later.
Result<policy::base::Instant> Log::instant_of(std::uint64_t index, policy::base::ByteView bytes) const {
  const std::uint64_t bundle = index / merkle::kTileWidth;
  const std::size_t slot = index % merkle::kTileWidth;
  const auto leaf = event::decode_leaf(bytes);
  if (!leaf) return std::unexpected(leaf.error());
  auto keys = ports_.objects.get(keys_path(bundle));
  const auto records = ports_.objects.get(records_path(bundle));
  if (!keys || !records) return std::unexpected((keys ? records : keys).error());
  const policy::base::Instant end{static_cast<std::int64_t>(leaf->hour) * 3600 + 3599};
  if (!*keys || !*records || (*keys)->size() < (slot + 1) * event::kEntryKeySize) return end;
  event::EntryKey key{};
  std::copy_n((*keys)->begin() + static_cast<std::ptrdiff_t>(slot * key.size()), key.size(), key.begin());
  sodium_memzero((*keys)->data(), (*keys)->size());
  const auto ciphertexts = merkle::read_bundle(**records, merkle::kTileWidth).entries;
  if (slot >= ciphertexts.size()) return end;
  const auto event = event::unseal(bytes, key, ciphertexts[slot]);
  sodium_memzero(key.data(), key.size());
  return event ? event->at : end;
}

// A record may not be stamped before the last one, even if the clock was set back while the service was down.
Status Log::read_last_instant(std::uint64_t size) {
  if (size == 0) return {};
  auto stored = read_tile(ports_.objects, std::nullopt, (size - 1) / merkle::kTileWidth, size);
  if (!stored) return std::unexpected(stored.error());
  auto entries = merkle::parse_bundle(stored->bytes, stored->tile.width);
  if (!entries) return std::unexpected(entries.error());
  const auto last = instant_of(size - 1, (*entries)[(size - 1) % merkle::kTileWidth]);
  if (!last) return std::unexpected(last.error());
  const std::scoped_lock lock(mutex_);
  last_at_ = std::max(last_at_, *last);
  return {};
}

// An empty folder becomes a new log.
Result<std::string> Log::create() {
  auto existing = ports_.objects.list("");
  if (!existing) return std::unexpected(existing.error());
  const auto foreign = [](const std::string& path) { return path == kCheckpointPath || path.starts_with("tile/"); };
  if (std::ranges::any_of(*existing, foreign))
    return fail("log.lock-missing", "a log without its sequencer/checkpoint", "both or neither", kKeepEverything);
  std::string note = checkpoint::sign_checkpoint({key_.verifier().name(), 0, merkle::empty_root(), {}}, key_);
  if (auto created = ports_.lock.replace("", note); !created) return std::unexpected(created.error());
  return note;
}

// Before there was a journal, a stage held the tiles of the settled checkpoint until they were published.
Result<std::vector<Object>> Log::publish_stage(const std::string& note) {
  auto bytes = ports_.objects.get(kStagePath);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::vector<Object>{};
  auto stage = decode_stage(**bytes);
  if (!stage || stage->checkpoint != note) return std::vector<Object>{};
  if (auto put = ports_.objects.put_all(stage->objects); !put) return std::unexpected(put.error());
  return std::move(stage->objects);
}

// Lets the edge grow by what one promise carries; it must lead to the root that was promised.
Status Log::replay(Edge& edge, const Promise& promise) const {
  const auto promised = checkpoint::open_checkpoint(promise.note, key_.verifier());
  if (!promised) return std::unexpected(promised.error());
  const auto entries = decode_group(promise.carried);
  if (!entries) return std::unexpected(entries.error());
  for (const SealedEntry& entry : *entries) edge.append(entry.sealed, entry.key);
  if (edge.size() == promised->size && edge.root() == promised->root) return {};
  return fail("log.journal", "entries that lead to another root than their promise",
              std::to_string(promised->size) + " entries with the promised root", kKeepEverything,
              std::string(kJournalPrefix) + "*");
}

Status Log::recover() {
  edge_.reset();
  (void)publisher_.wait();
  auto state = ports_.lock.unsettled();
  if (!state) return std::unexpected(state.error());
  if (state->settled.empty()) {
    auto note = create();
    if (!note) return std::unexpected(note.error());
    state->settled = std::move(*note);
  }
  const auto settled = checkpoint::open_checkpoint(state->settled, key_.verifier());
  if (!settled)
    return fail("log.origin", settled.error().seen, settled.error().allowed,
                "give the signing key of this log, or another folder", std::string(kLockedCheckpointPath));
  auto staged = publish_stage(state->settled);
  if (!staged) return std::unexpected(staged.error());
  auto edge = Edge::load(ports_.objects, settled->size, settled->root);
  if (!edge) return std::unexpected(edge.error());
  if (auto good = check_published(*settled); !good) return good;
  for (Promise& promise : state->promises) {
    auto grown = replay(*edge, promise);
    sodium_memzero(promise.carried.data(), promise.carried.size());
    if (!grown) return grown;
  }
  const std::string note = state->promises.empty() ? state->settled : state->promises.back().note;
  Publication publication{note, edge->take_growth()};
  std::ranges::move(*staged, std::back_inserter(publication.growth.tiles));
  if (auto published = publish(ports_.objects, ports_.lock, publication); !published) return published;
  const std::uint64_t size = edge->size();
  if (auto last = read_last_instant(size); !last) return last;
  if (auto cut = cut_side(size, edge->side_objects()); !cut) return cut;
  edge_ = std::move(*edge);
  handed_over_ = size;
  carried_bytes_ = handed_over_bytes_ = 0;
  promised_ = note;
  const std::scoped_lock lock(mutex_);
  newest_ = promised_;
  return {};
}

}  // namespace audit::log
