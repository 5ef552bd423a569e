// The auditor: reads a whole log and tells whether it is complete and unaltered, without trusting who keeps it.
//
// Checked are: the signature of the checkpoint; that every entry hashes to its place in the tiles, every tile to the
// ones above and all of it to the signed root; that no entry is before its predecessor in time or there twice; that
// each record still readable is the one to which its leaf commits; that what is kept of earlier sizes agrees; that no
// file lies there that does not belong. Not checked, because it needs other eyes: that this checkpoint is the one that
// others have seen (compare it with an earlier one by a consistency proof, or with a witness).
//
// Reads through the Objects port; a log may grow meanwhile. Single thread. Memory: about 16 bytes an entry.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint/checkpoint.h"
#include "audit/event/record.h"
#include "audit/log/ports.h"

namespace audit::verify {

using policy::base::Result;

constexpr std::size_t kFindingsMax = 1000;

enum class Severity : std::uint8_t {
  kWrong,  // the log is not what it claims to be
  kNote,   // work in progress of a running or interrupted sequencer; nothing that was promised is touched
};

// Codes: checkpoint.missing, checkpoint.invalid, checkpoint.locked, checkpoint.forked, checkpoint.shrunk,
// entry.missing, entry.unreadable, entry.hash, entry.malformed, entry.back-dated, entry.repeated, tile.missing,
// tile.unreadable, tile.hash, tree.root, side.missing, side.unreadable, record.altered, record.half-erased,
// partial.differs, file.unexpected, file.ahead.
struct Finding {
  Severity severity = Severity::kWrong;
  std::string code;
  std::optional<std::uint64_t> entry;        // the first entry that is affected, if one can be named
  std::string path;                          // may be empty
  std::string text;                          // English, one sentence, no full stop
  std::optional<policy::base::Error> cause;  // what a reader of the format said; `text` is its line then
};

struct Report {
  checkpoint::Checkpoint checkpoint;  // size 0 and no origin if it could not be opened
  std::uint64_t entries_read = 0;
  std::uint64_t records_read = 0;
  std::uint64_t records_erased = 0;
  std::vector<Finding> findings;  // at most kFindingsMax
  std::uint64_t findings_left_out = 0;

  bool good() const;
};

using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Errors: only what keeps from reading at all (store.*).
Result<Report> verify(const log::Objects& objects, const checkpoint::VerifierKey& key, const Progress& progress = {},
                      const std::optional<checkpoint::Checkpoint>& earlier = {});

// In one sentence, for a person.
std::string to_string(const Finding& finding);

}  // namespace audit::verify
