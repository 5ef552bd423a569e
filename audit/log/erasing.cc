#include "audit/log/erasing.h"

#include <algorithm>

#include "audit/event/sealed.h"
#include "audit/log/layout.h"
#include "audit/log/log.h"

namespace audit::log {
namespace {

using merkle::kTileWidth;
using policy::base::fail;

std::unexpected<policy::base::Error> without_entry(std::string path) {
  return fail("log.side", "a side object without this entry", "its ciphertext", {}, std::move(path));
}

// Keys stand side by side: those of neighbours become one stretch.
Status add_keys(const Objects& objects, std::uint64_t bundle, std::span<const std::uint64_t> indices,
                std::vector<Stretch>& out) {
  const std::string path = keys_path(bundle);
  auto keys = objects.get(path);
  if (!keys) return std::unexpected(keys.error());
  if (!*keys) return {};
  for (const std::uint64_t index : indices) {
    const std::size_t offset = index % kTileWidth * event::kEntryKeySize;
    if (offset + event::kEntryKeySize > (*keys)->size()) return without_entry(path);
    if (!out.empty() && out.back().path == path && out.back().offset + out.back().size == offset)
      out.back().size += event::kEntryKeySize;
    else
      out.push_back({path, offset, event::kEntryKeySize});
  }
  return {};
}

Status add_records(const Objects& objects, std::uint64_t bundle, std::span<const std::uint64_t> indices,
                   std::vector<Stretch>& out) {
  const std::string path = records_path(bundle);
  auto records = objects.get(path);
  if (!records) return std::unexpected(records.error());
  if (!*records) return {};
  const auto slots = merkle::read_bundle(**records, kTileWidth).entries;
  std::size_t offset = 2, slot = 0;
  for (const std::uint64_t index : indices) {
    if (index % kTileWidth >= slots.size()) return without_entry(path);
    for (; slot < index % kTileWidth; ++slot) offset += 2 + slots[slot].size();
    out.push_back({path, offset, slots[slot].size()});
  }
  return {};
}

}  // namespace

Status zero_entries(Objects& objects, std::span<const std::uint64_t> indices) {
  std::vector<Stretch> keys, records;
  for (std::size_t begin = 0, end = 0; begin < indices.size(); begin = end) {
    const std::uint64_t bundle = indices[begin] / kTileWidth;
    while (end < indices.size() && indices[end] / kTileWidth == bundle) ++end;
    const auto own = indices.subspan(begin, end - begin);
    if (auto added = add_keys(objects, bundle, own, keys); !added) return added;
    if (auto added = add_records(objects, bundle, own, records); !added) return added;
  }
  if (auto zeroed = objects.zero_all(keys); !zeroed) return zeroed;
  return objects.zero_all(records);
}

Result<Slots> unerased_entries(const Objects& objects, std::uint64_t bundle) {
  auto keys = objects.get(keys_path(bundle)), records = objects.get(records_path(bundle));
  if (!keys || !records) return std::unexpected((keys ? records : keys).error());
  const auto is_set = [](std::uint8_t byte) { return byte != 0; };
  Slots slots;
  const Bytes all_keys = keys->value_or(Bytes{});
  for (std::size_t slot = 0; slot < kTileWidth && (slot + 1) * event::kEntryKeySize <= all_keys.size(); ++slot)
    slots[slot] = std::ranges::any_of(
        policy::base::ByteView(all_keys).subspan(slot * event::kEntryKeySize, event::kEntryKeySize), is_set);
  const auto entries = merkle::read_bundle(records->value_or(Bytes{}), kTileWidth).entries;
  for (std::size_t slot = 0; slot < entries.size(); ++slot)
    slots[slot] = slots[slot] || std::ranges::any_of(entries[slot], is_set);
  return slots;
}

Status Log::erase_now(std::span<const std::uint64_t> indices) {
  if (indices.empty()) return {};
  if (auto settled = settle_now(); !settled) return settled;
  if (indices.back() >= edge_->size())
    return fail("log.index", "entry " + std::to_string(indices.back()), "below " + std::to_string(edge_->size()));
  for (const std::uint64_t index : indices) edge_->forget(index);
  return zero_entries(ports_.objects, indices);
}

// Nothing is being published after settle_now(), so this thread is the only writer.
Status Log::put_now(const Object& object) {
  if (auto settled = settle_now(); !settled) return settled;
  return ports_.objects.put_all(std::span(&object, 1));
}

}  // namespace audit::log
