// That every file of a log is one that belongs there, and that what is kept of earlier sizes agrees with today's.
//
// One thread.
#pragma once

#include "audit/log/ports.h"
#include "audit/verify/findings.h"

namespace audit::verify {

// `minimum`: entries below it are pruned, and nothing that opens their records may be left.
void check_files(const log::Objects& objects, std::uint64_t size, std::uint64_t minimum, Findings& findings);

}  // namespace audit::verify
