// Buckets by deadline (design § 5). All envelopes whose deadlines fall into one hour or one day lie in one bucket,
// under one key, and are destroyed together.
//
// The bucket [begin, begin + span) is destroyed at its *begin*: every deadline in it is rounded down, so that nothing
// outlives the deadline that was asked for. The rounded deadline is what the sender is told.
//
// Pure values, thread-safe.
#pragma once

#include <compare>

#include "policy/base/instant.h"
#include "policy/base/result.h"

namespace relay::core {

struct Bucket {
  policy::base::Instant begin;
  policy::base::Seconds span;  // an hour or a day

  auto operator<=>(const Bucket&) const = default;
  policy::base::Instant deadline() const { return begin; }
  policy::base::Instant end() const { return begin + span; }
  bool due(policy::base::Instant now) const { return begin <= now; }
};

// Errors: deadline.too-short (no bucket boundary between now and the deadline; says the earliest possible one),
// deadline.too-long.
policy::base::Result<Bucket> bucket_for(policy::base::Instant deadline, policy::base::Instant now);

}  // namespace relay::core
