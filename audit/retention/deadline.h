// When a record of the log is due for erasure, from the deadlines that event/records.def declares.
//
// A record is erased as a whole, because it has one key: its fields share one deadline, which the compiler checks. A
// leaf tells its hour and nothing finer, so a period begins at the end of that hour: a record is kept as long as it was
// promised, and less than an hour longer. Months are calendar months in UTC; where a month has no such day, its last
// one. Years are those of UTC, as the logs are. A record without fields is kept as its log is (BDSG § 76 (4)).
//
// Pure; safe from any thread.
#pragma once

#include <cstdint>

#include "audit/event/record.h"

namespace audit::retention {

event::Deadline deadline_of(event::RecordType type);

// The first instant at which a record of that hour (since 1970) may no longer be there.
policy::base::Instant due(event::Deadline deadline, std::uint32_t hour);

// Records of earlier hours are due at `now`; those of this hour and later are not.
std::uint32_t first_kept_hour(event::Deadline deadline, policy::base::Instant now);

}  // namespace audit::retention
