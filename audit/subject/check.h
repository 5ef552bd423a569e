// Whether the indexes of a stored log say what its leaves say: each made anew, each beginning where one before it ended
// or earlier. An index that leaves somebody out, or stretches between which entries are in no index, are found here.
//
// One thread; reads every leaf once, and keeps 56 bytes for each entry that names a pseudonym since the last index, up
// to a million; longer stretches are read once more. Errors: as in stretch.h.
#pragma once

#include <vector>

#include "audit/subject/stretch.h"

namespace audit::subject {

struct WrongIndex {
  std::uint64_t entry = 0;  // the record `subjects-indexed`
  bool leaves_gap = false;  // else: another digest than that of its leaves, or a stretch that is none
  bool operator==(const WrongIndex&) const = default;
};
// In the order of the log. An index that was erased or reaches into what was pruned cannot be judged.
Result<std::vector<WrongIndex>> wrong_indexes(const log::Objects& objects, std::uint64_t size);

}  // namespace audit::subject
