// The log's side of tlog-witness: asks the witnesses of a policy for their cosignatures on the log's newest checkpoint.
//
// One thread at a time. Blocks as long as the way to the witnesses does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint/trust_policy.h"
#include "audit/log/ports.h"
#include "audit/witness/add_checkpoint.h"

namespace audit::witness {

// The request of a log to a witness that has cosigned `old_size` entries of it last. `note` is the log's checkpoint of
// `size` entries. Errors: witness.ahead (old_size above size), and those of the stored tiles.
Result<AddCheckpoint> request_from(const log::Objects& log, const std::string& note, std::uint64_t size,
                                   std::uint64_t old_size);

// The way to a witness. An answer is an answer, whatever its status; errors are those of the way. Bounded in time.
class Way {
 public:
  virtual ~Way() = default;
  struct Reply {
    unsigned status = 0;
    std::string body;
  };
  virtual Result<Reply> add_checkpoint(const checkpoint::KnownWitness& witness, const std::string& body) = 0;
};

// What came of asking all of them about one checkpoint.
struct Round {
  std::string note;  // the checkpoint with the log's signature and every cosignature that has come
  checkpoint::Checkpoint checkpoint;
  std::vector<std::optional<policy::base::Error>> errors;  // by witness of the policy; none: it has cosigned
};

class Collector {
 public:
  // Both outlive it.
  Collector(const checkpoint::TrustPolicy& policy, Way& way) : policy_(policy), way_(way) {}

  // One way to each witness, two where the size it has cosigned last is not known. Errors: checkpoint.missing, those of
  // open_checkpoint and of the objects. Of a witness: those of the way; witness.ahead, witness.contradicts
  // (409 or 422 although the size is known), witness.refused (any other answer than a cosignature), note.signature (a
  // cosignature that is none).
  Result<Round> collect(const log::Objects& log, const checkpoint::VerifierKey& key);

 private:
  Result<policy::base::note::NoteSignature> ask(std::size_t witness, const log::Objects& log, const Round& round);

  const checkpoint::TrustPolicy& policy_;
  Way& way_;
  std::map<std::pair<std::string, std::size_t>, std::uint64_t> sizes_;  // cosigned last, by origin and witness
};

}  // namespace audit::witness
