// Bytes from somewhere, pulled: the port through which a reader with bounded memory takes what may be larger than it.
//
// A call fills `buffer` from its begin and gives how many bytes it wrote; 0 is the end. An error ends the reading and
// is passed on. A source belongs to one reader and is called from that reader's thread alone.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "policy/base/result.h"

namespace policy::base {

using ByteSource = std::function<Result<std::size_t>(std::span<char> buffer)>;

// A text as a source; it must outlive it.
ByteSource source_of(std::string_view text);

}  // namespace policy::base
