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

}  // namespace gateway::proxy
