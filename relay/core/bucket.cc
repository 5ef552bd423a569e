#include "relay/core/bucket.h"

#include "relay/core/limits.h"

namespace relay::core {
namespace {

using policy::base::fail;
using policy::base::Instant;
using policy::base::kDay;
using policy::base::kHour;
using policy::base::Seconds;

// Instants of the wire are never before 1970, so truncation is rounding down.
Instant floor_to(Instant t, Seconds span) { return {t.unix_s - t.unix_s % span.count}; }

}  // namespace

policy::base::Result<Bucket> bucket_for(Instant deadline, Instant now) {
  if (deadline > now + kDeadlineReach)
    return fail("deadline.too-long", "deadline " + policy::base::format_instant(deadline),
                "at most " + policy::base::format_duration(kDeadlineReach) + " ahead", "choose an earlier deadline");
  const Seconds span = deadline - now > kHourlyReach ? kDay : kHour;
  const Bucket bucket{floor_to(deadline, span), span};
  if (!bucket.due(now)) return bucket;
  const Instant earliest = floor_to(now, kHour) + kHour;
  return fail("deadline.too-short", "deadline " + policy::base::format_instant(deadline),
              policy::base::format_instant(earliest) + " or later: messages are destroyed at full hours",
              "choose a deadline of at least " + policy::base::format_instant(earliest));
}

}  // namespace relay::core
