// What the content rules found in a text, in the words of the rules.
#pragma once

#include "clients/cli/home.h"

namespace clients::cli {

// A line a marker: its title in the language of the call, its id, its source. Empty when nothing was found.
std::string markers_text(Home& home, const record::Outgoing& outgoing);
boost::json::array markers_json(Home& home, const record::Outgoing& outgoing);

bool is_yes(std::string_view answer);  // "y", "yes", "j", "ja"

}  // namespace clients::cli
