// Bundles of a log read by several threads: the only threads of this program, and here so that the auditor itself has
// none. Results wait in a ring of bounded size until their turn has come.
#pragma once

#include "audit/verify/verify.h"

namespace audit::tool {

constexpr unsigned kWorkersMax = 16;
constexpr std::uint64_t kAheadPerWorker = 8;  // bundles read and not yet taken, about 100 KiB each

// As many workers as there are processors, unless another number is given. One: on the calling thread.
unsigned worker_count(unsigned asked);
verify::Spread spread_over(unsigned workers);

}  // namespace audit::tool
