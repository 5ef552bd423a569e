#include "audit/tool/command/log_reader.h"

#include <algorithm>

#include "audit/log/layout.h"
#include "audit/tool/command/output.h"

namespace audit::tool {

using merkle::kTileWidth;
using policy::base::as_text;
using policy::base::fail;

namespace {

Result<std::optional<prune::MinimumIndex>> read_minimum(const log::Objects& objects,
                                                        const std::optional<checkpoint::VerifierKey>& key) {
  const auto note = objects.get(log::kMinimumIndexPath);
  if (!note) return std::unexpected(note.error());
  if (!*note) return std::nullopt;
  if (key) return prune::open_minimum(as_text(**note), *key);
  const auto parsed = policy::base::note::parse_note(as_text(**note));
  if (!parsed) return std::unexpected(parsed.error());
  return prune::parse_minimum(parsed->text);
}

}  // namespace

Result<std::optional<checkpoint::VerifierKey>> read_key(const std::string& text_or_file) {
  if (text_or_file.empty()) return std::nullopt;
  auto key = checkpoint::VerifierKey::parse(text_or_file);
  if (!key && text_or_file.find('+') == std::string::npos) {
    auto content = read_input(text_or_file);
    if (!content) return std::unexpected(content.error());
    while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) content->pop_back();
    key = checkpoint::VerifierKey::parse(*content);
  }
  if (!key) return std::unexpected(key.error());
  return *key;
}

Result<checkpoint::VerifierKey> read_required_key(const std::string& text_or_file) {
  auto key = read_key(text_or_file);
  if (!key) return std::unexpected(key.error());
  if (!*key) return fail("usage.key", "no key", "a verifier key or its file");
  return std::move(**key);
}

Result<LogReader> LogReader::open(const std::string& folder, const std::optional<checkpoint::VerifierKey>& key) {
  LogReader reader;
  auto objects = store::FolderObjects::open_to_read(folder);
  if (!objects) return fail("input.missing", objects.error().seen, "the folder of a log", {}, folder);
  reader.objects_ = std::move(*objects);
  auto note = reader.objects_->get(log::kCheckpointPath);
  if (!note) return std::unexpected(note.error());
  if (!*note)
    return fail("input.missing", "a folder without a checkpoint", "the folder of a log",
                "name the folder of one year, as audit/2026", folder);
  reader.note_ = as_text(**note);
  Result<checkpoint::Checkpoint> opened = fail("", "");
  if (key) {
    opened = checkpoint::open_checkpoint(reader.note_, *key);
  } else if (auto parsed = policy::base::note::parse_note(reader.note_); parsed) {
    opened = checkpoint::parse_checkpoint(parsed->text);
  } else {
    opened = std::unexpected(parsed.error());
  }
  if (!opened) return std::unexpected(opened.error());
  reader.checkpoint_ = std::move(*opened);
  auto pruned = read_minimum(*reader.objects_, key);
  if (!pruned) return std::unexpected(pruned.error());
  reader.pruned_ = std::move(*pruned);
  reader.checked_ = key.has_value();
  reader.tiles_ = std::make_unique<log::TileReader>(*reader.objects_, reader.checkpoint_.size);
  return reader;
}

policy::base::Error LogReader::pruned_error(std::uint64_t index) const {
  const auto at = policy::base::format_instant(pruned_->pruned_at);
  return {"log.pruned", "entry " + std::to_string(index) + " was pruned at " + at,
          "entries from " + std::to_string(first()),
          checked_ ? "the minimum index that says so is signed by the log; nothing can bring the entry back"
                   : "give the verifier key, so that the signature of the minimum index is checked",
          std::string(log::kMinimumIndexPath)};
}

policy::base::Status LogReader::load(std::uint64_t index) {
  const std::uint64_t bundle = index / kTileWidth;
  if (loaded_ == bundle) return {};
  auto stored = log::read_tile(*objects_, std::nullopt, bundle, size());
  if (!stored && stored.error().code == "log.tile-missing" && index < first())
    return std::unexpected(pruned_error(index));
  if (!stored) return std::unexpected(stored.error());
  auto leaves = merkle::parse_bundle(stored->bytes, stored->tile.width);
  if (!leaves) return std::unexpected(leaves.error());
  auto keys = objects_->get(log::keys_path(bundle)), records = objects_->get(log::records_path(bundle));
  if (!keys || !records) return std::unexpected((keys ? records : keys).error());
  leaves_ = std::move(*leaves);
  keys_ = keys->value_or(policy::base::Bytes{});
  records_ = merkle::read_bundle(records->value_or(policy::base::Bytes{}), kTileWidth).entries;
  loaded_ = bundle;
  return {};
}

Result<StoredEntry> LogReader::entry(std::uint64_t index) {
  if (index >= size()) return fail("input.entry", "entry " + std::to_string(index), "below " + std::to_string(size()));
  if (auto loaded = load(index); !loaded) return std::unexpected(loaded.error());
  const std::size_t slot = index % kTileWidth;
  StoredEntry entry{leaves_[slot], {}, {}};
  if ((slot + 1) * event::kEntryKeySize <= keys_.size() && slot < records_.size()) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(slot * event::kEntryKeySize);
    std::copy_n(begin, event::kEntryKeySize, entry.key.emplace().begin());
    entry.ciphertext = records_[slot];
  }
  return entry;
}

Result<event::Leaf> LogReader::leaf(std::uint64_t index) {
  if (index >= size()) return fail("input.entry", "entry " + std::to_string(index), "below " + std::to_string(size()));
  if (auto loaded = load(index); !loaded) return std::unexpected(loaded.error());
  return event::decode_leaf(leaves_[index % kTileWidth]);
}

Result<merkle::Proof> LogReader::proof(std::uint64_t index) {
  return merkle::inclusion_proof(index, size(), tiles_->nodes());
}

Result<merkle::Proof> LogReader::consistency(std::uint64_t size) {
  return merkle::consistency_proof(size, checkpoint_.size, tiles_->nodes());
}

}  // namespace audit::tool
