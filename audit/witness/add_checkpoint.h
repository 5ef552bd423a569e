// What a log asks a witness (C2SP tlog-witness, the body of add-checkpoint):
//
//   old <size>                    of the checkpoint that the witness cosigned last; 0: none
//   <base64 hash>                 consistency proof from there to here, at most 63 lines
//   <empty line>
//   <checkpoint, a signed note>
//
// Pure; values; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "audit/checkpoint/checkpoint.h"
#include "audit/merkle/proof.h"

namespace audit::witness {

using policy::base::Result;

constexpr std::size_t kProofLinesMax = 63;
constexpr std::size_t kRequestSizeMax = checkpoint::kNoteSizeMax + 4096;  // the proof's lines have 45 bytes

struct AddCheckpoint {
  std::uint64_t old_size = 0;
  merkle::Proof proof;
  std::string note;  // the checkpoint, verbatim

  bool operator==(const AddCheckpoint&) const = default;
};

// Strict inverse of each other. Errors: witness.request, and those of parse_note.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);
std::string format_add_checkpoint(const AddCheckpoint& request);

}  // namespace audit::witness
