// What the program has asked of operator new, for tests of bounds and of what is left behind.
//
// Linking this replaces operator new and delete of the whole program. Counted for all threads together.
#pragma once

#include <cstddef>

namespace clients::mls {

struct Allocated {
  std::size_t asked_bytes = 0;  // ever, growth of vectors included
  std::size_t live_bytes = 0;   // and not given back, as the allocator rounds them
};
Allocated allocated();

}  // namespace clients::mls
