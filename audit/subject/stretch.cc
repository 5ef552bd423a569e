#include "audit/subject/stretch.h"

#include <algorithm>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/record.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/prune/minimum_index.h"

namespace audit::subject {
namespace {

using merkle::kTileWidth;
using policy::base::Bytes;
using policy::base::fail;

Result<std::vector<Bytes>> read_leaves(const log::Objects& objects, std::uint64_t size, std::uint64_t bundle) {
  auto stored = log::read_tile(objects, std::nullopt, bundle, size);
  if (!stored) return std::unexpected(stored.error());
  return merkle::parse_bundle(stored->bytes, stored->tile.width);
}

// As the log itself has published it; its keeper needs no signature to believe it.
Result<std::uint64_t> published_size(const log::Objects& objects) {
  const auto note = objects.get(log::kCheckpointPath);
  if (!note) return std::unexpected(note.error());
  if (!*note) return 0;
  const auto parsed = policy::base::note::parse_note(policy::base::as_text(**note));
  if (!parsed) return std::unexpected(parsed.error());
  const auto checkpoint = checkpoint::parse_checkpoint(parsed->text);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  return checkpoint->size;
}

}  // namespace

Status walk(const log::Objects& objects, std::uint64_t size, const Stretch& stretch, const SeeLeaf& see) {
  std::vector<Bytes> leaves;
  for (std::uint64_t entry = stretch.begin; entry < std::min(stretch.end, size); ++entry) {
    if (leaves.empty() || entry % kTileWidth == 0) {
      auto read = read_leaves(objects, size, entry / kTileWidth);
      if (!read) return std::unexpected(read.error());
      leaves = std::move(*read);
    }
    const Bytes& bytes = leaves.at(entry % kTileWidth);
    const auto leaf = event::decode_leaf(bytes);
    if (!leaf) return std::unexpected(leaf.error());
    if (!see(entry, bytes, *leaf)) return {};
  }
  return {};
}

Result<SideEntry> read_side(const log::Objects& objects, std::uint64_t entry) {
  const std::uint64_t bundle = entry / kTileWidth;
  const auto slot = static_cast<std::size_t>(entry % kTileWidth);
  const auto keys = objects.get(log::keys_path(bundle)), records = objects.get(log::records_path(bundle));
  if (!keys || !records) return std::unexpected((keys ? records : keys).error());
  const auto sealed = merkle::read_bundle(records->value_or(Bytes{}), kTileWidth).entries;
  const Bytes all_keys = keys->value_or(Bytes{});
  if (slot >= sealed.size() || (slot + 1) * event::kEntryKeySize > all_keys.size()) return SideEntry{};
  event::EntryKey key{};
  std::copy_n(all_keys.begin() + static_cast<std::ptrdiff_t>(slot * event::kEntryKeySize), key.size(), key.begin());
  if (event::is_erased(key)) return SideEntry{};
  return SideEntry{key, sealed[slot]};
}

void Gathered::see(std::uint64_t entry, policy::base::ByteView bytes, const event::Leaf& leaf) {
  std::optional<merkle::Hash> hash;
  event::visit_people(leaf, [&](const Pseudonym& who, event::Role role) {
    if (!hash) hash = merkle::leaf_hash(bytes);
    named.push_back({who, {entry, *hash}, role});
  });
  if (event::hides_actors(leaf)) hiding.push_back(entry);
}

Index Gathered::index_of(const Stretch& stretch) const {
  return Index(stretch, named, hiding.empty() ? stretch.begin : hiding.back() + 1);
}

std::optional<Index> Gathered::index_with(const Stretch& stretch, const event::Digest& digest) const {
  Index newest = index_of(stretch);
  if (newest.digest() == digest) return newest;
  Index older(stretch, named);
  if (older.digest() == digest) return older;
  return {};
}

Result<Gathered> gather(const log::Objects& objects, std::uint64_t size, const Stretch& stretch) {
  Gathered gathered;
  auto walked = walk(objects, size, stretch, [&](std::uint64_t entry, policy::base::ByteView bytes, const auto& leaf) {
    gathered.see(entry, bytes, leaf);
    return true;
  });
  if (!walked) return std::unexpected(walked.error());
  return gathered;
}

Result<Index> read_index(const log::Objects& objects, std::uint64_t size, const Stretch& stretch) {
  const auto gathered = gather(objects, size, stretch);
  if (!gathered) return std::unexpected(gathered.error());
  return gathered->index_of(stretch);
}

Result<std::uint64_t> first_kept(const log::Objects& objects) {
  const auto note = objects.get(log::kMinimumIndexPath);
  if (!note) return std::unexpected(note.error());
  if (!*note) return 0;
  const auto parsed = policy::base::note::parse_note(policy::base::as_text(**note));
  if (!parsed) return std::unexpected(parsed.error());
  const auto minimum = prune::parse_minimum(parsed->text);
  if (!minimum) return std::unexpected(minimum.error());
  return minimum->minimum;
}

Result<std::uint64_t> indexed_to(const log::Objects& objects, std::uint64_t size) {
  const auto first = first_kept(objects);
  if (!first) return first;
  for (std::uint64_t bundle = (size + kTileWidth - 1) / kTileWidth; bundle-- > *first / kTileWidth;) {
    std::optional<std::uint64_t> found;
    Bytes leaf_bytes;
    const Stretch stretch{bundle * kTileWidth, std::min(size, (bundle + 1) * kTileWidth)};
    auto walked =
        walk(objects, size, stretch, [&](std::uint64_t entry, policy::base::ByteView bytes, const auto& leaf) {
          if (leaf.type != event::RecordType::kSubjectsIndexed) return true;
          found = entry;
          leaf_bytes.assign(bytes.begin(), bytes.end());
          return true;
        });
    if (!walked) return std::unexpected(walked.error());
    if (!found) continue;
    const auto side = read_side(objects, *found);
    if (!side) return std::unexpected(side.error());
    if (!side->key) return *first;
    const auto opened = event::unseal(leaf_bytes, *side->key, side->ciphertext);
    if (!opened) return std::unexpected(opened.error());
    return std::max(*first, std::get<event::SubjectsIndexed>(opened->record).end.value);
  }
  return *first;
}

Result<std::optional<event::SubjectsIndexed>> next_index(const log::Objects& objects) {
  const auto size = published_size(objects);
  if (!size) return std::unexpected(size.error());
  const auto begin = indexed_to(objects, *size);
  if (!begin) return std::unexpected(begin.error());
  const auto index = read_index(objects, *size, {*begin, *size});
  if (!index) return std::unexpected(index.error());
  if (index->subjects() == 0) return std::nullopt;
  return event::SubjectsIndexed{{*begin}, {*size}, index->digest()};
}

}  // namespace audit::subject
