// Cosignatures that came by file, from parties without a network: signed notes in the folder `witness/offered` of the
// gateway, each a checkpoint of the running year's log as its witness got it, with the log's signature and the lines
// that `feierabend-audit witness sign` has written. Whoever puts them there needs no right: the signatures count.
//
//     cat checkpoint council.sig > …/audit/witness/offered/council
//
// They pass the checks that an answer over the network passes: signed by this log, cosigned by a witness of the policy,
// not from after `not_after`; and the log must continue what they say, or else they are an objection, as 409 and 422
// are. A cosignature vouches for the entries of its checkpoint, however late it was made: it counts as no younger than
// the first entry that it does not cover (to the end of that entry's hour, which is what a leaf tells). So nobody makes
// rules come into force over weeks that no witness has seen by having an old checkpoint cosigned today. Names are of
// a-z, 0-9, '.' and '-'; at most kOfferedMax files are looked at, in the order of their names.
//
// Pure but for reading; any thread.
#pragma once

#include <optional>
#include <vector>

#include "audit/checkpoint/trust_policy.h"
#include "audit/log/ports.h"

namespace gateway::witness {

namespace base = policy::base;

constexpr std::size_t kOfferedMax = 32;
constexpr std::size_t kOfferedBytesMax = std::size_t{64} * 1024;
constexpr std::string_view kOfferedPrefix = "offered/";

struct Offered {
  std::vector<std::optional<base::Instant>>
      times;                             // by witness of the policy: until when it vouches for the log, by file
  std::optional<base::Error> objection;  // a signed checkpoint of this log that it does not continue
  std::optional<base::Error> fault;      // of the first file that counts for nothing, with its path
};

// `kept` is the folder `witness`; `now` the log's checkpoint. Files about other logs are passed over.
Offered read_offered(const audit::log::Objects& kept, const audit::checkpoint::TrustPolicy& policy,
                     const audit::log::Objects& log, const audit::checkpoint::VerifierKey& key,
                     const audit::checkpoint::Checkpoint& now, base::Instant not_after);

// That the first `before.size` entries of the log are those that were cosigned. Errors: witness.contradicts, and those
// of the stored tiles.
base::Status check_continues(const audit::log::Objects& log, const audit::checkpoint::Checkpoint& now,
                             const audit::checkpoint::Checkpoint& before);

}  // namespace gateway::witness
