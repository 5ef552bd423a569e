// What the auditor says about one thing that is wrong with a log: which entry, which file, what, and what to do.
//
// Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace audit::verify {

enum class Severity : std::uint8_t {
  kWrong,  // the log is not what it claims to be
  kNote,   // work in progress of a running or interrupted sequencer; nothing that was promised is touched
};

// Codes: checkpoint.missing, checkpoint.invalid, checkpoint.locked, checkpoint.forked, checkpoint.shrunk,
// checkpoint.incomparable, entry.missing, entry.unreadable, entry.hash, entry.malformed, entry.back-dated,
// entry.repeated, tile.missing, tile.unreadable, tile.hash, tree.root, side.missing, side.unreadable, record.altered,
// record.half-erased, partial.differs, file.unexpected, file.ahead, minimum.invalid, minimum.early, prune.left.
struct Finding {
  Severity severity = Severity::kWrong;
  std::string code;
  std::optional<std::uint64_t> entry;        // the first entry that is affected, if one can be named
  std::string path;                          // may be empty
  std::string text;                          // English, one sentence, no full stop
  std::optional<policy::base::Error> cause;  // what a reader of the format said; `text` is its line then
};

// What the reader of a finding should do, an English sentence without a full stop; German: policy/base/words. Every
// code above has one.
struct Advice {
  std::string_view code, remedy;
};
std::span<const Advice> advice();
std::string_view remedy_of(std::string_view code);

// In one sentence, for a person.
std::string to_string(const Finding& finding);

}  // namespace audit::verify
