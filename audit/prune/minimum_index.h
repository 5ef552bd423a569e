// The statement that entries below an index are gone (C2SP tlog-tiles, "Pruning"), signed by the log and published as
// the object "minimum-index" beside the checkpoint:
//
//   feierabend minimum index v1
//   <origin>
//   minimum <decimal>             a multiple of 256, above 0
//   newest <decimal>              hour of the entry minimum − 1, hours since 1970
//   pruned <decimal>              when, Unix seconds
//
// The first line keeps it from being read as a checkpoint, whose second line is a number. Pure; values; safe from any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/checkpoint/checkpoint.h"
#include "policy/base/instant.h"

namespace audit::prune {

using policy::base::Result;

struct MinimumIndex {
  std::string origin;
  std::uint64_t minimum = 0;
  std::uint64_t newest_hour = 0;
  policy::base::Instant pruned_at;

  bool operator==(const MinimumIndex&) const = default;
};

// Strict inverse of each other. Errors: minimum.syntax, checkpoint.number.
Result<MinimumIndex> parse_minimum(std::string_view text);
std::string format_minimum(const MinimumIndex& minimum);

std::string sign_minimum(const MinimumIndex& minimum, const checkpoint::SigningKey& key);
// Errors: those of open_note and parse_minimum; checkpoint.origin.
Result<MinimumIndex> open_minimum(std::string_view note, const checkpoint::VerifierKey& key);

}  // namespace audit::prune
