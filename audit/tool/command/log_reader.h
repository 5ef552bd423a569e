// Entries of a stored log, one after the other, a bundle in memory at a time.
//
// One thread. Errors: store.*, log.tile-missing, log.pruned (the entry is below the minimum index that the log has
// signed), bundle.*, checkpoint.*, minimum.*.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/sealed.h"
#include "audit/log/tile_reader.h"
#include "audit/prune/minimum_index.h"
#include "audit/store/folder.h"

namespace audit::tool {

using policy::base::Result;

struct StoredEntry {
  policy::base::Bytes leaf;
  std::optional<event::EntryKey> key;  // none: the side store does not have it
  policy::base::Bytes ciphertext;
};

class LogReader {
 public:
  // With no key the checkpoint is read without being checked.
  static Result<LogReader> open(const std::string& folder, const std::optional<checkpoint::VerifierKey>& key);

  std::uint64_t size() const { return checkpoint_.size; }
  std::uint64_t first() const { return pruned_ ? pruned_->minimum : 0; }  // entries below were pruned
  // What the log says of it; its signature was checked if there is a key.
  const std::optional<prune::MinimumIndex>& pruned() const { return pruned_; }
  bool is_checked() const { return checked_; }
  // What an officer is told who asks for an entry that is not there any more: log.pruned.
  policy::base::Error pruned_error(std::uint64_t index) const;
  const checkpoint::Checkpoint& checkpoint() const { return checkpoint_; }
  const std::string& note() const { return note_; }
  const log::Objects& objects() const { return *objects_; }

  Result<StoredEntry> entry(std::uint64_t index);
  // The leaf alone, decoded. Errors also: event.*.
  Result<event::Leaf> leaf(std::uint64_t index);
  Result<merkle::Proof> proof(std::uint64_t index);
  // That the first `size` entries of this log are those of a checkpoint of that size.
  Result<merkle::Proof> consistency(std::uint64_t size);

 private:
  LogReader() = default;
  policy::base::Status load(std::uint64_t index);

  std::unique_ptr<store::FolderObjects> objects_;
  std::string note_;
  checkpoint::Checkpoint checkpoint_;
  std::optional<prune::MinimumIndex> pruned_;
  bool checked_ = false;
  std::unique_ptr<log::TileReader> tiles_;
  std::optional<std::uint64_t> loaded_;
  std::vector<policy::base::Bytes> leaves_, records_;
  policy::base::Bytes keys_;
};

// A verifier key, or the file that holds one; none for an empty text. Errors: key.*, input.*.
Result<std::optional<checkpoint::VerifierKey>> read_key(const std::string& text_or_file);
// The same where there must be one. Error also: usage.key.
Result<checkpoint::VerifierKey> read_required_key(const std::string& text_or_file);

}  // namespace audit::tool
