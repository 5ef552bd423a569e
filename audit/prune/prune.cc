#include "audit/prune/prune.h"

#include <algorithm>

#include "audit/event/codec.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/prune/retention.h"

namespace audit::prune {
namespace {

using merkle::kTileWidth;
using policy::base::as_text;
using policy::base::fail;

// The hour of the last entry of a full bundle.
Result<std::uint64_t> last_hour(const log::Objects& objects, std::uint64_t bundle, std::uint64_t size) {
  const auto stored = log::read_tile(objects, std::nullopt, bundle, size);
  if (!stored) return std::unexpected(stored.error());
  const auto view = merkle::view_bundle(stored->bytes, kTileWidth);
  if (view.broken) return std::unexpected(*view.broken);
  const auto leaf = event::decode_leaf(view.entries.back());
  if (!leaf) return std::unexpected(leaf.error());
  return leaf->hour;
}

// The first full bundle in [from, to) of which something must be kept; hours never fall in a log.
Result<std::uint64_t> first_kept(const log::Objects& objects, std::uint64_t from, std::uint64_t to, std::uint64_t size,
                                 policy::base::Instant now) {
  while (from < to) {
    const std::uint64_t middle = from + (to - from) / 2;
    const auto hour = last_hour(objects, middle, size);
    if (!hour) return hour;
    if (prunable_from(*hour) <= now)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

// Where the last leaf of a file stands, if it is a tile, a bundle or a side object of whole bundles.
std::optional<std::uint64_t> end_of_side(std::string_view path) {
  for (const std::string_view prefix : {"side/keys/", "side/records/"}) {
    if (!path.starts_with(prefix)) continue;
    const auto tile = merkle::parse_tile_path("tile/entries/" + std::string(path.substr(prefix.size())));
    if (tile && tile->width == kTileWidth) return (tile->index + 1) * kTileWidth;
  }
  return {};
}

std::optional<std::uint64_t> end_of_tile(std::string_view path) {
  const auto tile = merkle::parse_tile_path(path);
  if (!tile) return {};
  const unsigned shift = (tile->level.value_or(0) + 1) * merkle::kTileHeight;
  if (shift >= 64 || tile->index >= (UINT64_MAX >> shift)) return {};
  return (tile->index + 1) << shift;
}

Result<std::optional<MinimumIndex>> read_minimum(const log::Objects& objects, const checkpoint::VerifierKey& key) {
  const auto bytes = objects.get(log::kMinimumIndexPath);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto minimum = open_minimum(as_text(**bytes), key);
  if (!minimum) return std::unexpected(minimum.error());
  return std::move(*minimum);
}

policy::base::Status choose(const log::Objects& objects, std::uint64_t size, policy::base::Instant now,
                            std::optional<std::uint64_t> before, Plan& plan) {
  if (before && *before > size)
    return fail("prune.index", "entry " + std::to_string(*before), "at most " + std::to_string(size));
  const auto kept = first_kept(objects, plan.already / kTileWidth, size / kTileWidth, size, now);
  if (!kept) return std::unexpected(kept.error());
  const std::uint64_t bundle = before ? *before / kTileWidth : *kept;
  if (bundle * kTileWidth <= plan.already) return {};
  const auto hour = last_hour(objects, bundle - 1, size);
  if (!hour) return std::unexpected(hour.error());
  if (bundle > *kept)
    return fail("prune.early", "entry " + std::to_string(bundle * kTileWidth - 1) + " within its deadline",
                "entries below " + std::to_string(*kept * kTileWidth),
                "wait until " + policy::base::format_instant(prunable_from(*hour)));
  plan.next.minimum = bundle * kTileWidth;
  plan.next.newest_hour = *hour;
  plan.next.pruned_at = now;
  return {};
}

}  // namespace

Result<Plan> plan(const log::Objects& objects, const checkpoint::VerifierKey& key, policy::base::Instant now,
                  std::optional<std::uint64_t> before) {
  const auto note = objects.get(log::kCheckpointPath);
  if (!note) return std::unexpected(note.error());
  if (!*note)
    return fail("checkpoint.missing", "there is no checkpoint", "the folder of a log",
                "name the folder of one year, as audit/2026");
  const auto checkpoint = checkpoint::open_checkpoint(as_text(**note), key);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  const auto minimum = read_minimum(objects, key);
  if (!minimum) return std::unexpected(minimum.error());
  Plan plan;
  plan.next = minimum->value_or(MinimumIndex{checkpoint->origin, 0, 0, {}});
  plan.already = plan.next.minimum;
  if (auto chosen = choose(objects, checkpoint->size, now, before, plan); !chosen)
    return std::unexpected(chosen.error());
  const auto paths = objects.list("");
  if (!paths) return std::unexpected(paths.error());
  for (const std::string& path : *paths) {
    if (const auto side = end_of_side(path); side && *side <= plan.next.minimum) plan.records.push_back(path);
    if (const auto tile = end_of_tile(path); tile && *tile <= plan.next.minimum) plan.tiles.push_back(path);
  }
  return plan;
}

policy::base::Status carry_out(log::Objects& objects, const Plan& plan, const checkpoint::SigningKey& key) {
  if (plan.next.minimum > plan.already) {
    const std::string note = sign_minimum(plan.next, key);
    const log::Object statement{std::string(log::kMinimumIndexPath), log::Bytes(note.begin(), note.end())};
    if (auto put = objects.put_all(std::span(&statement, 1)); !put) return put;
  }
  // Zeros first: a removal may be undone by a loss of power, and leaves the bytes on the drive.
  for (const std::string& path : plan.records) {
    const auto bytes = objects.get(path);
    if (!bytes) return std::unexpected(bytes.error());
    if (!*bytes || (*bytes)->empty()) continue;
    if (auto zeroed = objects.zero(path, 0, (*bytes)->size()); !zeroed) return zeroed;
  }
  if (auto removed = objects.remove(plan.records); !removed) return removed;
  return objects.remove(plan.tiles);
}

}  // namespace audit::prune
