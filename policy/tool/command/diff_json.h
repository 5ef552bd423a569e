// The answer of `diff --json`. Keys stand in the order of the contract (policy/README.md).
#pragma once

#include <boost/json/value.hpp>

#include "policy/diff/entries.h"
#include "policy/diff/gates.h"

namespace policy::tool {

boost::json::object json_of(const diff::RosterDiff& found, base::Interval span);
boost::json::object json_of(const diff::RulesDiff& found, base::Interval span);
boost::json::object json_of(const diff::ByClass& directions);
boost::json::array json_of(const std::vector<diff::EntryChange>& changes);

}  // namespace policy::tool
