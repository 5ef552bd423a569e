// When an entry may go as a whole: once the longest deadline that the record of processing (audit/event/records.def)
// gives to any field has passed. That is the published retention policy without which tlog-tiles forbids pruning.
// Single records are erased earlier, each at its own deadline; this is about what is left of them, the leaf.
//
// Pure; safe from any thread.
#pragma once

#include "audit/event/vocabulary.h"
#include "policy/base/instant.h"

namespace audit::prune {

// The first instant at which nothing that happened in `hour` (hours since 1970) is within `deadline`. Days are those
// of UTC and a day is added, so that no zone of the log's readers is still inside.
policy::base::Instant end_of(event::Deadline deadline, std::uint64_t hour);

// The latest of them over all declared fields.
policy::base::Instant prunable_from(std::uint64_t hour);

}  // namespace audit::prune
