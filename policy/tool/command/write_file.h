// Values into files: never over something that is there, unless it is said.
#pragma once

#include <string>
#include <string_view>

#include "policy/tool/command/input.h"

namespace policy::tool {

// A new file, durable when this returns; with `secret` only its owner may read it. Errors: output.exists, file.write.
Input<void> write_new(const std::string& path, std::string_view bytes, bool secret);
// In the place of an older one, or new: at every moment the file holds the old bytes or the new ones. Error:
// file.write.
Input<void> write_over(const std::string& path, std::string_view bytes);

}  // namespace policy::tool
