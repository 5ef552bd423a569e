#include "audit/verify/verify.h"

#include <algorithm>
#include <map>

#include "audit/event/codec.h"
#include "audit/log/layout.h"
#include "audit/log/tile_reader.h"
#include "audit/prune/minimum_index.h"
#include "audit/prune/retention.h"
#include "audit/verify/files.h"
#include "audit/verify/repeats.h"
#include "audit/verify/tree.h"

namespace audit::verify {
namespace {

using merkle::kTileWidth;
using policy::base::fail;

class Auditor {
 public:
  Auditor(const log::Objects& objects, const checkpoint::VerifierKey& key, const Options& options)
      : objects_(objects), key_(key), options_(options), findings_(kFindingsMax) {}

  Result<Report> run() {
    if (auto walked = walk(); !walked) return std::unexpected(walked.error());
    if (findings_.storage_error()) return std::unexpected(*findings_.storage_error());
    report_.findings_left_out = findings_.left_out();
    report_.findings = std::move(findings_).list();
    return std::move(report_);
  }

 private:
  policy::base::Status walk() {
    if (!read_checkpoint()) return {};
    check_locked();
    read_minimum();
    if (auto begun = begin(); !begun) return begun;
    walk_bundles();
    if (findings_.storage_error()) return {};
    upper_->check();
    check_root();
    check_repeated();
    check_files(objects_, size_, report_.minimum, findings_);
    return {};
  }

  bool read_checkpoint() {
    const std::string path(log::kCheckpointPath);
    const auto bytes = findings_.taken(objects_.get(path));
    if (!bytes) {
      findings_.wrong("checkpoint.missing", {}, path, "there is no checkpoint");
      return false;
    }
    note_ = policy::base::as_text(*bytes);
    auto opened = checkpoint::open_checkpoint(note_, key_);
    if (!opened) {
      findings_.wrong("checkpoint.invalid", {}, path, opened.error());
      return false;
    }
    report_.checkpoint = std::move(*opened);
    size_ = report_.checkpoint.size;
    return true;
  }

  void check_locked() {
    const std::string path(log::kLockedCheckpointPath);
    const auto bytes = findings_.taken(objects_.get(path));
    if (!bytes) return;  // a copy of the public part
    const auto locked = checkpoint::open_checkpoint(policy::base::as_text(*bytes), key_);
    if (!locked) return findings_.wrong("checkpoint.locked", {}, path, locked.error());
    if (locked->size > size_)
      return findings_.note("file.ahead", size_, path,
                            std::to_string(locked->size - size_) + " entries are promised, not yet published");
    if (*locked != report_.checkpoint)
      findings_.wrong("checkpoint.locked", locked->size, path, "the sequencer's checkpoint is not the published one");
  }

  void read_minimum() {
    const std::string path(log::kMinimumIndexPath);
    const auto bytes = findings_.taken(objects_.get(path));
    if (!bytes) return;
    const auto minimum = prune::open_minimum(policy::base::as_text(*bytes), key_);
    if (!minimum) return findings_.wrong("minimum.invalid", 0, path, minimum.error());
    if (minimum->minimum > size_)
      return findings_.wrong("minimum.invalid", size_, path, "the minimum index is above the size of the log");
    report_.minimum = minimum->minimum;
    hour_ = minimum->newest_hour;
    if (prune::prunable_from(minimum->newest_hour) > minimum->pruned_at)
      findings_.wrong("minimum.early", minimum->minimum - 1, path, "entries were pruned before their last deadline");
  }

  // ------------------------------------------------------------------ where the walk begins
  policy::base::Status begin() {
    std::uint64_t bundle = report_.minimum / kTileWidth;
    if (options_.earlier && options_.only_new && options_.earlier->size <= size_)
      bundle = std::max(bundle, options_.earlier->size / kTileWidth);
    report_.first = bundle * kTileWidth;
    log::TileReader reader(objects_, size_);
    if (options_.resume) {
      if (auto resumed = resume(reader); !resumed) return resumed;
    } else if (bundle > 0) {
      auto range = range_before(bundle * kTileWidth, reader.nodes());
      if (range)
        range_ = std::move(*range);
      else
        stored_range_missing(range.error());
    }
    first_bundle_ = options_.resume ? range_.size() / kTileWidth : bundle;
    if (bundle * kTileWidth > report_.minimum || options_.resume) read_hour_before(first_bundle_);
    upper_.emplace(objects_, first_bundle_, size_, findings_);
    return {};
  }

  void stored_range_missing(const policy::base::Error& error) {
    if (error.code != "log.tile-missing" && error.code != "tile.size") findings_.storage_failed(error);
    entries_lost_ = true;  // the tile is told as missing by the walk over the upper tiles
  }

  policy::base::Status resume(log::TileReader& reader) {
    const Position& from = *options_.resume;
    const auto wrong = [](std::string seen) {
      return fail("position.log", std::move(seen), "a position in this log",
                  "remove the file, then verify from the beginning");
    };
    const auto then = checkpoint::open_checkpoint(from.checkpoint, key_);
    if (!then)
      return fail("position.checkpoint", then.error().seen, "a checkpoint signed with the key of this log",
                  "remove the file, then verify from the beginning");
    if (then->size > size_ || from.range.size() > then->size || from.range.size() < report_.minimum)
      return wrong("a position that this log cannot have");
    if (from.records + from.erased != (options_.records ? from.range.size() - from.first : 0))
      return wrong("a position of a verification that read other files");
    const auto root = root_after(from.range, then->size, reader.nodes());
    if (!root || *root != then->root) return wrong("hashes that do not lead to the signed root");
    range_ = from.range;
    report_.first = from.first;
    report_.records_read = from.records;
    report_.records_erased = from.erased;
    report_.entries_read = from.range.size() - from.first;
    latest_ = from.latest;
    return {};
  }

  // The hour of the entry before the walk, so that the first one is not back-dated unnoticed.
  void read_hour_before(std::uint64_t bundle) {
    if (bundle * kTileWidth <= report_.minimum) return;
    const BundleAudit before = audit_bundle(objects_, bundle - 1, size_, Depth::kCommitments);
    if (before.read > 0 && before.hours[before.read - 1] != BundleAudit::kNoHour) hour_ = before.hours[before.read - 1];
  }

  // ------------------------------------------------------------------ the bundles, in order
  void walk_bundles() {
    const std::uint64_t bundles = (size_ + kTileWidth - 1) / kTileWidth;
    repeats_.emplace(size_ - std::min(report_.first, size_));
    repeats_->begin(0);
    const auto scanned = [this](const BundleAudit& audit) { remember(audit); };
    scan(report_.first / kTileWidth, first_bundle_, scanned);  // what was checked before the walk was interrupted
    const Depth depth = options_.records ? Depth::kRecords : Depth::kPublic;
    options_.spread(
        first_bundle_, bundles, [&](std::uint64_t bundle) { return audit_bundle(objects_, bundle, size_, depth); },
        [&](BundleAudit audit) { return take(std::move(audit)); });
  }

  void scan(std::uint64_t first, std::uint64_t end, const std::function<void(const BundleAudit&)>& look) {
    options_.spread(
        first, end, [&](std::uint64_t bundle) { return audit_bundle(objects_, bundle, size_, Depth::kCommitments); },
        [&](const BundleAudit& audit) {
          if (audit.storage_error) findings_.storage_failed(*audit.storage_error);
          look(audit);
          return !findings_.storage_error();
        });
  }

  void remember(const BundleAudit& audit) {
    for (unsigned i = 0; i < audit.read; ++i)
      if (audit.hours[i] != BundleAudit::kNoHour) repeats_->add(audit.commitments[i]);
  }

  bool take(BundleAudit audit) {
    if (audit.storage_error) findings_.storage_failed(*audit.storage_error);
    for (Finding& finding : audit.findings) findings_.add(std::move(finding));
    check_times(audit);
    remember(audit);
    grow(audit);
    upper_->add(audit.root);
    report_.entries_read += audit.read;
    report_.records_read += audit.records_read;
    report_.records_erased += audit.records_erased;
    const std::uint64_t done = std::min((audit.bundle + 1) * kTileWidth, size_);
    if (options_.progress) options_.progress(done, size_);
    if (options_.save && audit.root && (audit.bundle + 1) % options_.save_every == 0 && !findings_.any_wrong())
      options_.save({report_.first, range_, latest_, report_.records_read, report_.records_erased, note_});
    return !findings_.storage_error();
  }

  void check_times(const BundleAudit& audit) {
    const std::uint64_t first = audit.bundle * kTileWidth;
    for (unsigned i = 0; i < audit.read; ++i) {
      if (audit.hours[i] == BundleAudit::kNoHour) continue;
      if (audit.hours[i] < hour_)
        findings_.wrong("entry.back-dated", first + i, {}, "the entry is of an earlier hour than the one before it");
      hour_ = audit.hours[i];
      if (audit.at[i] == BundleAudit::kNotOpened) continue;
      if (audit.at[i] < latest_)
        findings_.wrong("entry.back-dated", first + i, {}, "the record is earlier than one before it");
      latest_ = std::max(latest_, audit.at[i]);
    }
  }

  void grow(const BundleAudit& audit) {
    if (entries_lost_) return;
    const std::uint64_t end = range_.size() + audit.read;
    // Within the bundle, or at its beginning: the size of the earlier checkpoint is met exactly once.
    const bool met = options_.earlier && options_.earlier->size >= range_.size() && options_.earlier->size <= end;
    if (met && !earlier_met_) {
      merkle::CompactRange then = range_;
      for (unsigned i = 0; then.size() < options_.earlier->size; ++i) then.append(audit.hashes[i]);
      compare_earlier(then.root());
    }
    if (audit.root)
      range_.append_subtree(merkle::kTileHeight, *audit.root);
    else
      for (unsigned i = 0; i < audit.read; ++i) range_.append(audit.hashes[i]);
    entries_lost_ = audit.read < audit.width;
  }

  // ------------------------------------------------------------------ after the last bundle
  void compare_earlier(const merkle::Hash& root) {
    earlier_met_ = true;
    const std::uint64_t last = std::max<std::uint64_t>(1, options_.earlier->size) - 1;  // at it or before it
    if (root != options_.earlier->root)
      findings_.wrong(
          "checkpoint.forked", last, std::string(log::kCheckpointPath),
          "the first " + std::to_string(options_.earlier->size) + " entries are not those of the earlier checkpoint");
  }

  void check_root() {
    if (!entries_lost_ && range_.root() != report_.checkpoint.root)
      findings_.wrong("tree.root", {}, "tile/", "the entries lead to another root than the one that was signed");
    if (!options_.earlier || earlier_met_) return;
    const std::uint64_t then = options_.earlier->size;
    if (then > size_)
      return findings_.wrong("checkpoint.shrunk", size_, std::string(log::kCheckpointPath),
                             "the log had " + std::to_string(then) + " entries before");
    // Pruned, lost, or before the walk: what the tiles say, which lead to the signed root.
    log::TileReader reader(objects_, size_);
    const auto root = merkle::tree_root(then, reader.nodes());
    if (root) return compare_earlier(*root);
    if (root.error().code != "log.tile-missing") findings_.storage_failed(root.error());
    findings_.wrong("checkpoint.incomparable", then - 1, std::string(log::kCheckpointPath),
                    "what is kept does not show whether it begins with the entries of the earlier checkpoint");
  }

  void check_repeated() {
    for (std::uint64_t pass = 0; pass < repeats_->passes() && !findings_.storage_error(); ++pass) {
      const std::uint64_t first = report_.first / kTileWidth, end = (size_ + kTileWidth - 1) / kTileWidth;
      if (pass > 0) {
        repeats_->begin(pass);
        scan(first, end, [this](const BundleAudit& audit) { remember(audit); });
      }
      std::map<std::uint64_t, std::optional<std::uint64_t>> twice;  // commitment → its first entry
      for (const std::uint64_t commitment : repeats_->twice(kFindingsMax)) twice[commitment];
      if (!twice.empty()) scan(first, end, [&](const BundleAudit& audit) { name_repeated(audit, twice); });
    }
  }

  void name_repeated(const BundleAudit& audit, std::map<std::uint64_t, std::optional<std::uint64_t>>& twice) {
    for (unsigned i = 0; i < audit.read; ++i) {
      if (audit.hours[i] == BundleAudit::kNoHour) continue;
      const auto found = twice.find(audit.commitments[i]);
      if (found == twice.end()) continue;
      const std::uint64_t entry = audit.bundle * kTileWidth + i;
      if (found->second)
        findings_.wrong("entry.repeated", entry, {},
                        "the entry is there already as number " + std::to_string(*found->second));
      else
        found->second = entry;
    }
  }

  const log::Objects& objects_;
  const checkpoint::VerifierKey& key_;
  const Options& options_;
  Findings findings_;
  Report report_;
  std::string note_;
  std::uint64_t size_ = 0, first_bundle_ = 0;
  merkle::CompactRange range_;
  bool entries_lost_ = false;  // some could not be read: the root cannot be computed
  bool earlier_met_ = false;
  std::uint64_t hour_ = 0;   // of the entry before
  std::int64_t latest_ = 0;  // instant of a record so far
  std::optional<UpperTiles> upper_;
  std::optional<Repeats> repeats_;
};

}  // namespace

bool Report::good() const {
  return findings_left_out == 0 &&
         std::ranges::none_of(findings, [](const Finding& f) { return f.severity == Severity::kWrong; });
}

void one_after_the_other(std::uint64_t first, std::uint64_t end, const Make& make, const Take& take) {
  for (std::uint64_t bundle = first; bundle < end; ++bundle)
    if (!take(make(bundle))) return;
}

Result<Report> verify(const log::Objects& objects, const checkpoint::VerifierKey& key, const Options& options) {
  return Auditor(objects, key, options).run();
}

Result<Report> verify(const log::Objects& objects, const checkpoint::VerifierKey& key, const Progress& progress,
                      const std::optional<checkpoint::Checkpoint>& earlier) {
  Options options;
  options.progress = progress;
  options.earlier = earlier;
  return verify(objects, key, options);
}

}  // namespace audit::verify
