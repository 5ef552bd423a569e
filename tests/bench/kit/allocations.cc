#include "tests/bench/kit/allocations.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t count = 0;
std::size_t held_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* const block = std::malloc(size);
  if (block == nullptr) std::abort();
  ++count;
  held_bytes += malloc_usable_size(block);
  return block;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  held_bytes -= malloc_usable_size(block);
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

namespace tests::bench {

std::size_t allocations() { return count; }
std::size_t allocated_bytes() { return held_bytes; }

}  // namespace tests::bench
