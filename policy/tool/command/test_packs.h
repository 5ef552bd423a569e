// `feierabend-policy test`: the cases beside each pack.
#pragma once

#include <string>
#include <vector>

#include "policy/tool/command/command.h"
#include "policy/tool/command/words.h"

namespace policy::tool {

int test_packs(const std::vector<std::string>& folders, bool as_json, Language language, const Streams& streams);

}  // namespace policy::tool
