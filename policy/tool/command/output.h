// Values as text and JSON. Keys of JSON objects stand in the order of the contract (README.md).
#pragma once

#include <boost/json/value.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "policy/model/decision.h"
#include "policy/pack/roster_csv.h"

namespace policy::tool {

boost::json::array json_of(const std::vector<std::string>& texts);
// {"code","seen","allowed","remedy","where"}, what is empty left out.
boost::json::array json_of(const pack::Errors& errors);
// {"effect","rules","until"}; "until" is null where no change is in sight.
boost::json::object json_of(const model::Decision& decision);
// {"begin","end","effect","rules"}
boost::json::object json_of(const model::Stretch& stretch);

std::string joined(const std::vector<std::string>& texts);  // "a, b", "–" for none
void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows);

}  // namespace policy::tool
