// Proofs that stand alone (C2SP tlog-proof v1): one file shows that an entry is in a log, without the log.
//
//   c2sp.org/tlog-proof@v1
//   [extra <base64>]              not authenticated
//   index <decimal>
//   <base64 hash>                 leaf's sibling first; none for a tree of one
//   <empty line>
//   <checkpoint, a signed note>
//
// Pure; values; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audit/checkpoint/checkpoint.h"
#include "audit/merkle/proof.h"

namespace audit::checkpoint {

struct TlogProof {
  std::optional<Bytes> extra;
  std::uint64_t index = 0;
  merkle::Proof hashes;
  std::string checkpoint;  // the signed note, verbatim

  bool operator==(const TlogProof&) const = default;
};

// Errors: tlog-proof.syntax, tlog-proof.size (above kNoteSizeMax and the proof's own bound).
Result<TlogProof> parse_tlog_proof(std::string_view text);
std::string format_tlog_proof(const TlogProof& proof);

// The checkpoint in which `entry` stands at proof.index. Errors: those of open_checkpoint and verify_inclusion.
Result<Checkpoint> verify_tlog_proof(const TlogProof& proof, policy::base::ByteView entry, const VerifierKey& key);

}  // namespace audit::checkpoint
