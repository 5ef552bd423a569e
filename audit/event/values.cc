#include "audit/event/values.h"

#include <algorithm>

namespace audit::event {

using policy::base::fail;

Result<RuleId> RuleId::from(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  if (text.empty() || text.size() > kSizeMax || !std::ranges::all_of(text, allowed))
    return fail("event.rule-id", "'" + policy::base::printable(text) + "'", "1 to 64 of a-z, 0-9, '.' and '-'");
  RuleId id;
  id.text_ = text;
  return id;
}

Result<RuleIds> RuleIds::from(std::vector<RuleId> ids) {
  if (ids.size() > kCountMax)
    return fail("event.rule-ids", std::to_string(ids.size()) + " rules", "at most " + std::to_string(kCountMax),
                "name the strongest");
  RuleIds list;
  list.ids_ = std::move(ids);
  return list;
}

}  // namespace audit::event
