// What the rules say about texts, as clients get it. The gateway itself never sees a text; it only looks at labels.
//
// Pure.
#pragma once

#include <span>
#include <string>

#include "policy/base/result.h"
#include "policy/pack/rule_set.h"
#include "relay/wire/client.pb.h"

namespace gateway::proxy {

feierabend::v1::Content describe_content(const policy::pack::RuleSet& rules);

std::unexpected<policy::base::Error> label_not_allowed(const std::string& label, std::span<const std::string> allowed);

}  // namespace gateway::proxy
