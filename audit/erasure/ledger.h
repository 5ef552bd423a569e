// Which entries of a log were erased, told without what they held: the object `erasures` in the folder of the log. With
// it everything is erased again after a restore from an old backup (SDM 60 S10), so keep a copy away from the backups;
// it holds commitments only and may be shown to anybody who may see the tiles.
//
//     feierabend-erasures v1
//     <origin of the log>
//     run <reason> <rule> <from> <to> <records> <upto>
//     bundle <number> <slots> <leaves>
//     …
//     done <sha256>
//
// `reason` is an id of event::ErasureReason, `rule` a RuleId, `from` and `to` instants: the hours of the records.
// `upto` is the first entry that the run did not look at. `slots` are 64 hexadecimal digits, most significant bit
// first: the last bit is the first entry of the bundle. `leaves` is the SHA-256 over the 32-byte leaf hashes of these
// entries, in order: it binds the line to this tree and no other. A line holds for all of its entries or, where a
// single one is another, for none; only in the bundle in which a restored backup ends, whose later entries are gone,
// the hours of the run decide. A run stands here, durably, before its first key is destroyed; `done` follows once its
// receipt is in the log. `sha256` is the SHA-256 over the lines of the run before it: it is the commitment in the
// receipt (record erasure-done), so `sha256sum` of these lines proves which receipt belongs to them.
//
// Pure; safe from any thread. Errors: erasures.syntax, with the line.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event/record.h"

namespace audit::erasure {

using policy::base::Instant;
using policy::base::Result;

constexpr std::size_t kBundlesMax = 400'000;  // lines of a ledger: 100 million entries
using Slots = std::bitset<256>;

struct ErasedBundle {
  std::uint64_t bundle = 0;
  Slots slots;
  event::Digest leaves;
  bool operator==(const ErasedBundle&) const = default;
};

struct Run {
  event::ErasureReason reason = event::ErasureReason::kDeadline;
  event::RuleId rule;
  Instant begin, end;
  std::uint64_t records = 0;
  std::uint64_t upto = 0;
  std::vector<ErasedBundle> bundles;  // rising
  bool done = false;
  bool operator==(const Run&) const = default;
};

struct Ledger {
  std::string origin;
  std::vector<Run> runs;
  bool operator==(const Ledger&) const = default;
};

std::string format_ledger(const Ledger& ledger);
Result<Ledger> parse_ledger(std::string_view text);

event::Digest commitment_of(const Run& run);
// What the log is told once the run is through.
event::ErasureDone receipt_of(const Run& run);

}  // namespace audit::erasure
