// A QR code as text: half blocks, two modules a character, with the quiet zone that scanners need.
//
// Dark modules are drawn as spaces and light ones as blocks, so that the code is right on a dark terminal;
// `light_terminal` turns it round. Pure. Error: qr.too-long (the text does not fit a code).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace clients::terminal {

policy::base::Result<std::vector<std::string>> qr_lines(std::string_view text, bool light_terminal = false);

}  // namespace clients::terminal
