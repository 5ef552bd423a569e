// How often this program has asked for memory, and for how much. A program that calls either has its operator new
// replaced by one that counts.
//
// One thread at a time.
#pragma once

#include <cstddef>

namespace tests::bench {

std::size_t allocations();
// Bytes asked for and not yet given back, each block rounded up as the allocator has it.
std::size_t allocated_bytes();

}  // namespace tests::bench
