// Removes the entries of a log whose last deadline has passed (retention.h): always a prefix, always whole tiles, as
// C2SP tlog-tiles allows it. What is left still proves every entry from the minimum index on and every checkpoint from
// there; the log goes on and its root stays.
//
//   plan ─► statement fsync ─► keys, records: zeros, fsync ─► keys, records, bundles, tiles removed
//           from here on they count as pruned                 again until nothing is left
//
// After any failure the same call goes on where it was. Whoever carries it out holds the log's lock: a sequencer that
// erases a record at the same time would miss it.
//
// One thread. Errors: checkpoint.*, minimum.*, store.*, prune.early (an index below which entries are within their
// deadline), prune.index (an index above the size), bundle.*, event.* and log.tile-missing of entries that are looked
// at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/log/ports.h"
#include "audit/prune/minimum_index.h"

namespace audit::prune {

struct Plan {
  std::uint64_t already = 0;         // the minimum index as it is
  MinimumIndex next;                 // minimum equal to `already`: there is nothing new to prune
  std::vector<std::string> records;  // of side/: zeros first
  std::vector<std::string> tiles;
};

// What may go at `now`: all that is past its deadlines, or with `before` only entries below it (rounded down to whole
// bundles). Files of earlier prunings that are still there are part of it.
Result<Plan> plan(const log::Objects& objects, const checkpoint::VerifierKey& key, policy::base::Instant now,
                  std::optional<std::uint64_t> before);

policy::base::Status carry_out(log::Objects& objects, const Plan& plan, const checkpoint::SigningKey& key);

}  // namespace audit::prune
