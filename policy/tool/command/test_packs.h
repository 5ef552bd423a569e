// `feierabend-policy test`: the cases beside each pack.
#pragma once

#include <string>
#include <vector>

#include "policy/tool/command/command.h"

namespace policy::tool {

int test_packs(const std::vector<std::string>& folders, bool as_json, const Streams& streams);

}  // namespace policy::tool
