// Checkpoints (C2SP tlog-checkpoint): what a log says about itself, as the text of a signed note.
//
//   <origin>\n<size>\n<base64(root)>\n[<extension line>\n …]
//
// Pure; values; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle/hash.h"
#include "policy/base/note/note.h"

namespace audit::checkpoint {

using policy::base::Bytes;
using policy::base::Result;
using policy::base::note::kNoteSizeMax;
using policy::base::note::SigningKey;
using policy::base::note::VerifierKey;

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  merkle::Hash root{};
  std::vector<std::string> extensions;  // kept, never interpreted

  bool operator==(const Checkpoint&) const = default;
};

// Decimal without leading zeros. Error: checkpoint.number.
Result<std::uint64_t> parse_decimal(std::string_view text);

// Strict inverse of each other. Error: checkpoint.syntax.
Result<Checkpoint> parse_checkpoint(std::string_view text);
std::string format_checkpoint(const Checkpoint& checkpoint);

std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key);

// Opens the note and reads it; the origin must be the name of `key`, as every log of this house has it.
// Errors: those of open_note and parse_checkpoint; checkpoint.origin.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);

}  // namespace audit::checkpoint
