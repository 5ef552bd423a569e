// Under which rules an entry was made: it names them by the hash of their bundle, and an earlier entry says since when
// a bundle of that hash is in force, with its revision, time zone data, holidays and roster.
//
// Reads the log from its beginning as far as it is asked for, once. One thread. Errors: those of LogReader.
#pragma once

#include <map>
#include <optional>

#include "audit/tool/command/shown.h"

namespace audit::tool {

class RuleChain {
 public:
  // `reader` outlives it and is not used by others meanwhile: it keeps one bundle in memory.
  explicit RuleChain(LogReader& reader) : reader_(reader) {}

  // The number of the last entry before `shown` by which the bundle that it names came into force; none if it names no
  // bundle, or if that entry is not there or was erased.
  Result<std::optional<std::uint64_t>> rules_of(const Shown& shown);

 private:
  LogReader& reader_;
  std::uint64_t read_ = 0;
  std::map<event::Digest, std::uint64_t> in_force_;
};

// One entry with all that is shown of it.
Result<Shown> read_whole(LogReader& reader, RuleChain& chain, std::uint64_t index, bool prove);

}  // namespace audit::tool
