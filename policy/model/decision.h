// The answer of decide(): an effect, the rules that made it, and the instant at which it changes next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/base/instant.h"
#include "policy/model/message_class.h"

namespace policy::model {

struct Decision {
  Effect effect = Effect::kHold;
  // Ids of the rules that produced the effect ("rest.daily"; unique over all loaded packs), strongest layer first, then
  // by id. Empty for kDeliver. Rules that are in force but weaker than the effect are not named.
  std::vector<std::string> rules;
  // The first instant after `now` at which the effect for this class differs; kEndOfTime when there is none.
  base::Instant until = base::kEndOfTime;
  bool operator==(const Decision&) const = default;
};

// A stretch of time with one effect and one set of rules.
struct Stretch {
  base::Interval span;
  Effect effect = Effect::kHold;
  std::vector<std::string> rules;
  bool operator==(const Stretch&) const = default;
};

}  // namespace policy::model
