// The auditor: reads a log and tells whether it is complete and unaltered, without trusting who keeps it.
//
// Checked are: the signature of the checkpoint; that every entry hashes to its place in the tiles, every tile to the
// ones above and all of it to the signed root; that no entry is before its predecessor in time or there twice; that
// each record still readable is the one to which its leaf commits (unless `records` is off); that what is kept of
// earlier sizes agrees; that entries are missing only below a signed minimum index and after their deadlines; that no
// file lies there that does not belong. Not checked, because it needs other eyes: that this checkpoint is the one that
// others have seen (compare it with an earlier one, or with a witness).
//
// A walk may begin after the entries of an earlier checkpoint, or where an interrupted one ended. It is cut into
// bundles: audit_bundle() reads one, any number at once and on any thread; what needs their order is done here, on the
// calling thread. Reads through the Objects port; a log may grow meanwhile. Memory: 8 bytes an entry, at most 128 MiB,
// and 33 bytes a bundle; what a Spread holds comes on top.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/log/ports.h"
#include "audit/verify/bundle_audit.h"
#include "audit/verify/finding.h"
#include "audit/verify/position.h"

namespace audit::verify {

constexpr std::size_t kFindingsMax = 1000;

struct Report {
  checkpoint::Checkpoint checkpoint;  // size 0 and no origin if it could not be opened
  std::uint64_t minimum = 0;          // entries below are pruned
  std::uint64_t first = 0;            // the first entry that was checked; those before it were not read
  std::uint64_t entries_read = 0;
  std::uint64_t records_read = 0;
  std::uint64_t records_erased = 0;
  std::vector<Finding> findings;  // at most kFindingsMax
  std::uint64_t findings_left_out = 0;

  bool good() const;
};

using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Calls make(first) … make(end − 1), in any order and on any thread, and gives each result to take(), in order and on
// the calling thread, until one of them is answered with false.
using Make = std::function<BundleAudit(std::uint64_t bundle)>;
using Take = std::function<bool(BundleAudit audit)>;
using Spread = std::function<void(std::uint64_t first, std::uint64_t end, const Make& make, const Take& take)>;
void one_after_the_other(std::uint64_t first, std::uint64_t end, const Make& make, const Take& take);

struct Options {
  Progress progress;
  Spread spread = one_after_the_other;
  bool records = true;  // false: the public part only, for a copy without side/
  // Seen earlier: this log must be its continuation. With `only_new` the walk begins after its entries.
  std::optional<checkpoint::Checkpoint> earlier;
  bool only_new = false;
  // Goes on from here. `save` is called every `save_every` bundles, as long as nothing wrong was found, so that a later
  // run finds it again.
  std::optional<Position> resume;
  std::function<void(const Position&)> save;
  std::uint64_t save_every = 2048;
};

// Errors: only what keeps from reading at all (store.*), and position.log (the position to go on from is not one of
// this log, or of a walk with another `records`), position.checkpoint (its checkpoint is not signed by this log's key).
Result<Report> verify(const log::Objects& objects, const checkpoint::VerifierKey& key, const Options& options);
Result<Report> verify(const log::Objects& objects, const checkpoint::VerifierKey& key, const Progress& progress = {},
                      const std::optional<checkpoint::Checkpoint>& earlier = {});

}  // namespace audit::verify
