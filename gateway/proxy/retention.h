// The deadline of a message from the retention rules (design § 4 "Deadline and hold"). Pure.
#pragma once

#include "policy/base/instant.h"
#include "policy/pack/rule_set.h"

namespace gateway::proxy {

// `readable`: when the last reader's gate lets it pass (kEndOfTime: unknown). `wished`: a shorter lifetime from the
// sender, 0 for none; never below the rules' floor, never above their ceiling.
policy::base::Instant deadline_for(const policy::pack::RetentionRules& rules, policy::base::Instant now,
                                   policy::base::Instant readable, policy::base::Seconds wished);

// Of commits, proposals and welcomes: who has not got them can read nothing of what came after them, so they stay as
// long as any message may, and never less than 90 days, which is more than a device is away between two of its lives.
constexpr std::int64_t kHandshakesKept_s = 90 * 86400;
policy::base::Instant handshake_deadline(const policy::pack::RuleSet& rules, policy::base::Instant now);

}  // namespace gateway::proxy
