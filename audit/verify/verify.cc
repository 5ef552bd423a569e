#include "audit/verify/verify.h"

#include <algorithm>
#include <map>

#include "audit/event/sealed.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/merkle/compact_range.h"

namespace audit::verify {
namespace {

using log::Bytes;
using merkle::Hash;
using merkle::kTileWidth;
using policy::base::ByteView;

class Auditor {
 public:
  Auditor(const log::Objects& objects, const checkpoint::VerifierKey& key, const Progress& progress,
          const std::optional<checkpoint::Checkpoint>& earlier)
      : objects_(objects), key_(key), progress_(progress), earlier_(earlier) {}

  // A storage error makes every finding after it doubtful, so it is the answer then.
  Result<Report> run() {
    walk();
    if (storage_error_) return std::unexpected(*storage_error_);
    return std::move(report_);
  }

 private:
  void walk() {
    if (!read_checkpoint()) return;
    check_locked();
    const std::uint64_t bundles = (size_ + kTileWidth - 1) / kTileWidth;
    for (std::uint64_t bundle = 0; bundle < bundles; ++bundle) {
      check_bundle(bundle);
      if (progress_) progress_(std::min((bundle + 1) * kTileWidth, size_), size_);
    }
    check_upper_levels();
    if (!entries_lost_ && range_.root() != report_.checkpoint.root)
      wrong("tree.root", {}, "tile/", "the entries lead to another root than the one that was signed");
    check_earlier();
    check_repeated();
    check_files();
  }

  // The value, or an empty one after remembering what the storage said.
  template <typename T>
  T taken(Result<T> result) {
    if (result) return std::move(*result);
    storage_failed(result.error());
    return {};
  }
  void storage_failed(const policy::base::Error& error) {
    if (!storage_error_) storage_error_ = error;
  }

  void add(Severity severity, std::string code, std::optional<std::uint64_t> entry, std::string path, std::string text,
           std::optional<policy::base::Error> cause = {}) {
    if (report_.findings.size() == kFindingsMax) {
      ++report_.findings_left_out;
      return;
    }
    report_.findings.push_back({severity, std::move(code), entry, std::move(path), std::move(text), std::move(cause)});
  }
  void wrong(std::string code, std::optional<std::uint64_t> entry, std::string path, std::string text) {
    add(Severity::kWrong, std::move(code), entry, std::move(path), std::move(text));
  }
  void wrong(std::string code, std::optional<std::uint64_t> entry, std::string path, const policy::base::Error& cause) {
    add(Severity::kWrong, std::move(code), entry, std::move(path), policy::base::to_string(cause), cause);
  }
  void note(std::string code, std::optional<std::uint64_t> entry, std::string path, std::string text) {
    add(Severity::kNote, std::move(code), entry, std::move(path), std::move(text));
  }

  bool read_checkpoint() {
    const auto bytes = taken(objects_.get(log::kCheckpointPath));
    if (!bytes) {
      wrong("checkpoint.missing", {}, std::string(log::kCheckpointPath), "there is no checkpoint");
      return false;
    }
    auto opened = checkpoint::open_checkpoint(policy::base::as_text(*bytes), key_);
    if (!opened) {
      wrong("checkpoint.invalid", {}, std::string(log::kCheckpointPath), opened.error());
      return false;
    }
    report_.checkpoint = std::move(*opened);
    size_ = report_.checkpoint.size;
    return true;
  }

  void check_locked() {
    const auto bytes = taken(objects_.get(log::kLockedCheckpointPath));
    if (!bytes) return;  // a copy of the public part
    const std::string path(log::kLockedCheckpointPath);
    const auto locked = checkpoint::open_checkpoint(policy::base::as_text(*bytes), key_);
    if (!locked) return wrong("checkpoint.locked", {}, path, locked.error());
    if (locked->size > size_)
      return note("file.ahead", size_, path,
                  std::to_string(locked->size - size_) + " entries are promised, not yet published");
    if (*locked != report_.checkpoint)
      wrong("checkpoint.locked", locked->size, path, "the sequencer's checkpoint is not the published one");
  }

  // The stored hashes of a bundle's entries; empty after a finding.
  std::vector<Hash> level_zero(std::uint64_t bundle, unsigned width) {
    const auto stored = log::read_tile(objects_, 0, bundle, size_);
    if (!stored) return tile_missing(0, bundle, stored.error());
    auto hashes = merkle::parse_tile(stored->bytes, stored->tile.width);
    if (!hashes) {
      wrong("tile.unreadable", bundle * kTileWidth, merkle::tile_path(stored->tile), hashes.error());
      return {};
    }
    hashes->resize(width);
    return std::move(*hashes);
  }

  std::vector<Hash> tile_missing(unsigned level, std::uint64_t index, const policy::base::Error& error) {
    if (error.code != "log.tile-missing") storage_failed(error);
    const std::uint64_t first = (index * kTileWidth) << (level * merkle::kTileHeight);
    wrong("tile.missing", first, merkle::tile_path({level, index, merkle::width_of(level, index, size_)}),
          "a tile is missing");
    return {};
  }

  void check_bundle(std::uint64_t bundle) {
    const std::uint64_t first = bundle * kTileWidth;
    const unsigned width = merkle::width_of(0, bundle, size_);
    const std::vector<Hash> hashes = level_zero(bundle, width);
    const auto stored = log::read_tile(objects_, std::nullopt, bundle, size_);
    if (!stored) {
      if (stored.error().code != "log.tile-missing") storage_failed(stored.error());
      entries_lost_ = true;
      return wrong("entry.missing", first, merkle::tile_path({std::nullopt, bundle, width}),
                   "an entry bundle is missing");
    }
    const std::string path = merkle::tile_path(stored->tile);
    const merkle::Bundle read = merkle::read_bundle(stored->bytes, stored->tile.width);
    std::vector<Hash> computed;
    for (unsigned i = 0; i < width && i < read.entries.size(); ++i) {
      computed.push_back(merkle::leaf_hash(read.entries[i]));
      range_.append(computed.back());
      if (i < hashes.size() && computed[i] != hashes[i])
        wrong("entry.hash", first + i, path, "the entry is not the one whose hash is in the tile");
    }
    if (read.broken) wrong("entry.unreadable", first + read.entries.size(), path, *read.broken);
    if (read.entries.size() < width) entries_lost_ = true;
    if (computed.size() == kTileWidth) complete_[bundle] = merkle::subtree_root(computed);
    check_entries(bundle, read.entries, std::min<std::size_t>(width, read.entries.size()));
  }

  void check_entries(std::uint64_t bundle, const std::vector<Bytes>& entries, std::size_t count) {
    const std::uint64_t first = bundle * kTileWidth;
    const unsigned width = merkle::width_of(0, bundle, size_);
    const Bytes keys = side_object(log::keys_path(bundle), first);
    if (keys.size() % event::kEntryKeySize != 0)
      wrong("side.unreadable", first + std::min<std::uint64_t>(keys.size() / event::kEntryKeySize, width - 1),
            log::keys_path(bundle), "the last key is cut off");
    const merkle::Bundle records = merkle::read_bundle(side_object(log::records_path(bundle), first), kTileWidth);
    const bool records_broken = records.broken && records.broken->code != "bundle.width";
    if (records_broken)
      wrong("side.unreadable", first + std::min<std::uint64_t>(records.entries.size(), width - 1),
            log::records_path(bundle), *records.broken);
    if (keys.size() / event::kEntryKeySize > width || records.entries.size() > width)
      note("file.ahead", first + width, log::keys_path(bundle), "records wait for their checkpoint");
    for (std::size_t i = 0; i < count; ++i) {
      ++report_.entries_read;
      const bool leaf_good = check_leaf(first + i, entries[i]);
      if (keys.empty() || records.entries.empty()) continue;  // told as missing
      if ((i + 1) * event::kEntryKeySize > keys.size() || i >= records.entries.size()) {
        wrong("side.missing", first + i, log::records_path(bundle), "the entry's key or record is missing");
        continue;
      }
      event::EntryKey key{};
      std::copy_n(keys.begin() + static_cast<std::ptrdiff_t>(i * key.size()), key.size(), key.begin());
      check_record(first + i, entries[i], key, records.entries[i], leaf_good);
    }
  }

  Bytes side_object(const std::string& path, std::uint64_t first) {
    auto bytes = taken(objects_.get(path));
    if (bytes && !bytes->empty()) return std::move(*bytes);
    wrong("side.missing", first, path, "keys or records are missing");
    return {};
  }

  bool check_leaf(std::uint64_t entry, ByteView bytes) {
    const auto leaf = event::decode_leaf(bytes);
    if (!leaf) {
      wrong("entry.malformed", entry, {}, leaf.error());
      return false;
    }
    if (leaf->hour < last_hour_)
      wrong("entry.back-dated", entry, {}, "the entry is of an earlier hour than the one before it");
    last_hour_ = leaf->hour;
    std::uint64_t start = 0;
    for (std::size_t i = 0; i < 8; ++i) start = start << 8 | leaf->commitment.bytes[i];
    commitments_.emplace_back(start, entry);
    return true;
  }

  void check_record(std::uint64_t entry, ByteView leaf, const event::EntryKey& key, ByteView ciphertext,
                    bool leaf_good) {
    if (event::is_erased(key)) {
      ++report_.records_erased;
      if (std::ranges::any_of(ciphertext, [](std::uint8_t b) { return b != 0; }))
        wrong("record.half-erased", entry, log::records_path(entry / kTileWidth),
              "the key is erased, the ciphertext is not; erase the record again");
      return;
    }
    if (!leaf_good) return;
    const auto opened = event::unseal(leaf, key, ciphertext);
    if (!opened) return wrong("record.altered", entry, log::records_path(entry / kTileWidth), opened.error());
    ++report_.records_read;
    if (opened->at < last_at_) wrong("entry.back-dated", entry, {}, "the record is earlier than one before it");
    last_at_ = std::max(last_at_, opened->at);
  }

  // Level 1 and above: the hashes of complete tiles below, as computed from the entries themselves.
  void check_upper_levels() {
    std::map<std::uint64_t, Hash> below = std::move(complete_);
    for (unsigned level = 1; level < merkle::levels_of(size_); ++level) {
      std::map<std::uint64_t, Hash> above;
      for (std::uint64_t index = 0; merkle::width_of(level, index, size_) > 0; ++index)
        check_upper_tile(level, index, below, above);
      below = std::move(above);
    }
  }

  void check_upper_tile(unsigned level, std::uint64_t index, const std::map<std::uint64_t, Hash>& below,
                        std::map<std::uint64_t, Hash>& above) {
    const unsigned width = merkle::width_of(level, index, size_);
    const auto stored = log::read_tile(objects_, level, index, size_);
    if (!stored) return void(tile_missing(level, index, stored.error()));
    const auto hashes = merkle::parse_tile(stored->bytes, stored->tile.width);
    const std::string path = merkle::tile_path(stored->tile);
    const unsigned shift = level * merkle::kTileHeight;
    if (!hashes) wrong("tile.unreadable", (index * kTileWidth) << shift, path, hashes.error());
    std::vector<Hash> computed;
    for (unsigned i = 0; i < width; ++i) {
      const std::uint64_t number = index * kTileWidth + i;
      const auto known = below.find(number);
      if (known == below.end()) continue;
      computed.push_back(known->second);
      if (hashes && (*hashes)[i] != known->second)
        wrong("tile.hash", number << shift, path, "a hash over the entries from here on is not theirs");
    }
    if (computed.size() == kTileWidth) above[index] = merkle::subtree_root(computed);
  }

  void check_earlier() {
    if (!earlier_) return;
    if (earlier_->size > size_)
      return wrong("checkpoint.shrunk", size_, std::string(log::kCheckpointPath),
                   "the log had " + std::to_string(earlier_->size) + " entries before");
    log::TileReader reader(objects_, size_);
    const auto root = merkle::tree_root(earlier_->size, reader.nodes());
    if (!root || *root != earlier_->root)
      wrong("checkpoint.forked", {}, std::string(log::kCheckpointPath),
            "the first " + std::to_string(earlier_->size) + " entries are not those of the earlier checkpoint");
  }

  void check_repeated() {
    std::ranges::sort(commitments_);
    for (std::size_t i = 1; i < commitments_.size(); ++i)
      if (commitments_[i].first == commitments_[i - 1].first)
        wrong("entry.repeated", commitments_[i].second, {},
              "the entry is there already as number " + std::to_string(commitments_[i - 1].second));
  }

  void check_files() {
    for (const std::string& path : taken(objects_.list(""))) {
      if (path == log::kCheckpointPath || path == log::kLockedCheckpointPath) continue;
      if (path == log::kStagePath || path.starts_with(log::kTemporaryPrefix)) {
        note("file.ahead", size_, path, "a write that is not finished");
      } else if (const auto tile = merkle::parse_tile_path(path); tile) {
        check_tile_file(path, *tile);
      } else if (const auto number = side_number(path); !number) {
        wrong("file.unexpected", {}, path, "a file that does not belong to a log");
      } else if (*number * kTileWidth >= size_) {
        note("file.ahead", size_, path, "records wait for their checkpoint");
      }
    }
  }

  static std::optional<std::uint64_t> side_number(std::string_view path) {
    for (const std::string_view prefix : {"side/keys/", "side/records/"}) {
      if (!path.starts_with(prefix)) continue;
      const auto tile = merkle::parse_tile_path("tile/entries/" + std::string(path.substr(prefix.size())));
      if (tile && tile->width == kTileWidth) return tile->index;
    }
    return {};
  }

  // A partial tile of an earlier size must be the beginning of what stands there now.
  void check_tile_file(const std::string& path, const merkle::Tile& tile) {
    const unsigned level = tile.level.value_or(0);
    const unsigned width = merkle::width_of(level, tile.index, size_);
    if (tile.width == width) return;
    const unsigned shift = level * merkle::kTileHeight;
    if (tile.width > width)
      return note("file.ahead", (tile.index * kTileWidth + width) << shift, path,
                  "a tile that is newer than the checkpoint");
    const auto now = log::read_tile(objects_, tile.level, tile.index, size_);
    const auto then = taken(objects_.get(path));
    if (!now || !then) return;
    const std::uint64_t same =
        tile.level ? same_hashes(*then, now->bytes) : same_entries(*then, now->bytes, tile.width);
    if (same == tile.width && (!tile.level || then->size() == tile.width * merkle::kHashSize)) return;
    wrong("partial.differs", (tile.index * kTileWidth + std::min<std::uint64_t>(same, tile.width - 1)) << shift, path,
          "what is kept of an earlier size is not the beginning of the tile");
  }

  static std::uint64_t same_hashes(const Bytes& then, const Bytes& now) {
    const auto differ = std::ranges::mismatch(then, now).in1 - then.begin();
    return static_cast<std::uint64_t>(differ) / merkle::kHashSize;
  }

  static std::uint64_t same_entries(const Bytes& then, const Bytes& now, unsigned width) {
    const merkle::Bundle before = merkle::read_bundle(then, width), after = merkle::read_bundle(now, kTileWidth);
    std::uint64_t same = 0;
    while (same < before.entries.size() && same < after.entries.size() && before.entries[same] == after.entries[same])
      ++same;
    return before.broken && same == width ? width - 1 : same;
  }

  const log::Objects& objects_;
  const checkpoint::VerifierKey& key_;
  const Progress& progress_;
  const std::optional<checkpoint::Checkpoint>& earlier_;
  Report report_;
  std::optional<policy::base::Error> storage_error_;
  std::uint64_t size_ = 0;
  merkle::CompactRange range_;
  std::map<std::uint64_t, Hash> complete_;  // full bundle → root of its entries
  bool entries_lost_ = false;               // some could not be read: the root cannot be computed
  std::uint32_t last_hour_ = 0;
  policy::base::Instant last_at_{};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> commitments_;  // first 8 bytes, entry
};

}  // namespace

bool Report::good() const {
  return findings_left_out == 0 &&
         std::ranges::none_of(findings, [](const Finding& f) { return f.severity == Severity::kWrong; });
}

Result<Report> verify(const log::Objects& objects, const checkpoint::VerifierKey& key, const Progress& progress,
                      const std::optional<checkpoint::Checkpoint>& earlier) {
  return Auditor(objects, key, progress, earlier).run();
}

std::string to_string(const Finding& finding) {
  std::string out = finding.entry ? "entry " + std::to_string(*finding.entry) + ": " : "";
  out += finding.text;
  if (!finding.path.empty()) out += " (" + policy::base::printable(finding.path, 256) + ")";
  return out + " [" + finding.code + "]";
}

}  // namespace audit::verify
