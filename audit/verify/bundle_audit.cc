#include "audit/verify/bundle_audit.h"

#include <algorithm>

#include "audit/event/sealed.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"

namespace audit::verify {
namespace {

using log::Bytes;
using merkle::Hash;
using merkle::kTileWidth;
using policy::base::ByteView;

class Reading {
 public:
  Reading(const log::Objects& objects, std::uint64_t bundle, std::uint64_t size)
      : objects_(objects), size_(size), first_(bundle * kTileWidth) {
    out_.bundle = bundle;
    out_.width = merkle::width_of(0, bundle, size);
  }

  BundleAudit run(Depth depth) {
    const auto stored = log::read_tile(objects_, std::nullopt, out_.bundle, size_);
    const std::vector<Hash> hashes = depth == Depth::kCommitments ? std::vector<Hash>() : level_zero();
    if (!stored) {
      if (stored.error().code != "log.tile-missing") storage_failed(stored.error());
      wrong("entry.missing", first_, merkle::tile_path({std::nullopt, out_.bundle, out_.width}),
            "an entry bundle is missing");
      return std::move(out_);
    }
    const std::string path = merkle::tile_path(stored->tile);
    const merkle::BundleView read = merkle::view_bundle(stored->bytes, stored->tile.width);
    out_.read = static_cast<unsigned>(std::min<std::size_t>(out_.width, read.entries.size()));
    if (depth != Depth::kCommitments) hash_entries(read.entries, hashes, path);
    if (read.broken) wrong("entry.unreadable", first_ + read.entries.size(), path, *read.broken);
    for (unsigned i = 0; i < out_.read; ++i) read_leaf(i, read.entries[i]);
    if (depth == Depth::kRecords) read_side(read.entries);
    return std::move(out_);
  }

 private:
  void storage_failed(const policy::base::Error& error) {
    if (!out_.storage_error) out_.storage_error = error;
  }
  void wrong(std::string code, std::uint64_t entry, std::string path, std::string text) {
    out_.findings.push_back({Severity::kWrong, std::move(code), entry, std::move(path), std::move(text), {}});
  }
  void wrong(std::string code, std::uint64_t entry, std::string path, const policy::base::Error& cause) {
    out_.findings.push_back(
        {Severity::kWrong, std::move(code), entry, std::move(path), policy::base::to_string(cause), cause});
  }

  // The stored hashes of the entries; empty after a finding.
  std::vector<Hash> level_zero() {
    const auto stored = log::read_tile(objects_, 0, out_.bundle, size_);
    if (!stored) {
      if (stored.error().code != "log.tile-missing") storage_failed(stored.error());
      wrong("tile.missing", first_, merkle::tile_path({0, out_.bundle, out_.width}), "a tile is missing");
      return {};
    }
    auto hashes = merkle::parse_tile(stored->bytes, stored->tile.width);
    if (hashes) return std::move(*hashes);
    wrong("tile.unreadable", first_, merkle::tile_path(stored->tile), hashes.error());
    return {};
  }

  void hash_entries(const std::vector<ByteView>& entries, const std::vector<Hash>& stored, const std::string& path) {
    for (unsigned i = 0; i < out_.read; ++i) {
      out_.hashes[i] = merkle::leaf_hash(entries[i]);
      if (i < stored.size() && out_.hashes[i] != stored[i])
        wrong("entry.hash", first_ + i, path, "the entry is not the one whose hash is in the tile");
    }
    if (out_.read == kTileWidth) out_.root = merkle::subtree_root({out_.hashes.begin(), out_.hashes.end()});
  }

  void read_leaf(unsigned i, ByteView bytes) {
    out_.at[i] = BundleAudit::kNotOpened;
    out_.hours[i] = BundleAudit::kNoHour;
    out_.commitments[i] = 0;
    const auto leaf = event::decode_leaf(bytes);
    if (!leaf) return wrong("entry.malformed", first_ + i, {}, leaf.error());
    out_.hours[i] = leaf->hour;
    for (std::size_t at = 0; at < 8; ++at) out_.commitments[i] = out_.commitments[i] << 8 | leaf->commitment.bytes[at];
  }

  Bytes side_object(const std::string& path) {
    auto bytes = objects_.get(path);
    if (!bytes) storage_failed(bytes.error());
    if (bytes && *bytes && !(*bytes)->empty()) return std::move(**bytes);
    wrong("side.missing", first_, path, "keys or records are missing");
    return {};
  }

  void read_side(const std::vector<ByteView>& entries) {
    const std::string keys_path = log::keys_path(out_.bundle), records_path = log::records_path(out_.bundle);
    const std::uint64_t last = first_ + out_.width - 1;
    const Bytes keys = side_object(keys_path), stored = side_object(records_path);
    const std::size_t key_count = keys.size() / event::kEntryKeySize;
    if (keys.size() % event::kEntryKeySize != 0)
      wrong("side.unreadable", std::min(first_ + key_count, last), keys_path, "the last key is cut off");
    const merkle::BundleView records = merkle::view_bundle(stored, kTileWidth);
    if (records.broken && records.broken->code != "bundle.width")
      wrong("side.unreadable", std::min(first_ + records.entries.size(), last), records_path, *records.broken);
    if (key_count > out_.width || records.entries.size() > out_.width)
      out_.findings.push_back(
          {Severity::kNote, "file.ahead", first_ + out_.width, keys_path, "records wait for their checkpoint", {}});
    if (keys.empty() || records.entries.empty()) return;  // told as missing
    for (unsigned i = 0; i < out_.read; ++i) {
      if (i >= key_count || i >= records.entries.size()) {
        wrong("side.missing", first_ + i, records_path, "the entry's key or record is missing");
        continue;
      }
      event::EntryKey key{};
      std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(i * key.size()), key.size(), key.begin());
      read_record(i, entries[i], key, records.entries[i], records_path);
    }
  }

  void read_record(unsigned i, ByteView leaf, const event::EntryKey& key, ByteView ciphertext,
                   const std::string& path) {
    if (event::is_erased(key)) {
      ++out_.records_erased;
      if (std::ranges::any_of(ciphertext, [](std::uint8_t byte) { return byte != 0; }))
        wrong("record.half-erased", first_ + i, path,
              "the key is erased, the ciphertext is not; erase the record again");
      return;
    }
    if (out_.hours[i] == BundleAudit::kNoHour) return;
    const auto opened = event::unseal(leaf, key, ciphertext);
    if (!opened) return wrong("record.altered", first_ + i, path, opened.error());
    ++out_.records_read;
    out_.at[i] = opened->at.unix_s;
  }

  const log::Objects& objects_;
  std::uint64_t size_, first_;
  BundleAudit out_;
};

}  // namespace

BundleAudit audit_bundle(const log::Objects& objects, std::uint64_t bundle, std::uint64_t size, Depth depth) {
  BundleAudit audit = Reading(objects, bundle, size).run(depth);
  if (depth == Depth::kCommitments) audit.findings.clear();
  return audit;
}

}  // namespace audit::verify
