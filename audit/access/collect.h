// Gathers an export from a stored log: reads all of its leaves once, opens only what is about the pseudonyms, and makes
// each index anew from the leaves, so that a log whose indexes leave somebody's entry out is found here.
//
// One thread. Errors: access.index (an index that does not fit the log), log.tile-missing, bundle.*, event.*, minimum.*
// and those of the objects.
#pragma once

#include <string>

#include "audit/access/access.h"
#include "audit/log/ports.h"

namespace audit::access {

// `note` holds `checkpoint`, which the caller has opened with the log's key. An index that was erased, or that reaches
// into what was pruned, proves nothing any more and is left out.
Result<Export> collect(const log::Objects& objects, const std::string& note, const checkpoint::Checkpoint& checkpoint,
                       std::vector<pseudonym::Pseudonym> pseudonyms);

}  // namespace audit::access
