#include "gateway/proxy/retention.h"

#include <algorithm>

namespace gateway::proxy {

using policy::base::Instant;
using policy::base::Seconds;

Instant deadline_for(const policy::pack::RetentionRules& rules, Instant now, Instant readable, Seconds wished) {
  const Instant ceiling = now + rules.ceiling;
  const Instant start = rules.from_readable ? std::clamp(readable, now, ceiling) : now;
  const Seconds lifetime =
      wished.count > 0 ? std::clamp(wished, std::min(rules.floor, rules.period), rules.period) : rules.period;
  return std::min(start + lifetime, ceiling);
}

Instant handshake_deadline(const policy::pack::RuleSet& rules, Instant now) {
  Seconds longest{kHandshakesKept_s};
  for (const auto message_class : policy::model::kMessageClasses)
    longest = std::max(longest, policy::pack::retention_rules(rules, message_class).ceiling);
  return now + longest;
}

}  // namespace gateway::proxy
