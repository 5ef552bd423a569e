// Whether the indexes of a stored log say what its leaves say: each made anew, each beginning where one before it ended
// or earlier, none covering less than the one before it. An index that leaves somebody out, stretches between which
// entries are in no index, and a log that has ceased to name who acted are found here.
//
// One thread; reads every leaf once, and keeps 64 bytes for each pseudonym that an entry names since the last index, up
// to a million; longer stretches are read once more. Errors: as in stretch.h.
#pragma once

#include <vector>

#include "audit/subject/stretch.h"

namespace audit::subject {

enum class Fault : std::uint8_t {
  kDigest,  // another digest than that of its leaves, or a stretch that is none
  kGap,     // entries before it are in no index
  kActs,    // who acted is in no index again, although an index before this one had it
};
struct WrongIndex {
  std::uint64_t entry = 0;  // the record `subjects-indexed`
  Fault fault = Fault::kDigest;
  bool operator==(const WrongIndex&) const = default;
};
// In the order of the log. An index that was erased or reaches into what was pruned cannot be judged.
Result<std::vector<WrongIndex>> wrong_indexes(const log::Objects& objects, std::uint64_t size);

}  // namespace audit::subject
