#include "clients/mls/group/testing/allocated.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> asked_bytes, live_bytes;

void* counted(std::size_t size_bytes) {
  asked_bytes += size_bytes;
  void* const out = std::malloc(size_bytes == 0 ? 1 : size_bytes);
  if (out == nullptr) std::abort();
  live_bytes += malloc_usable_size(out);
  return out;
}

void given_back(void* memory) {
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size_bytes) { return counted(size_bytes); }
void* operator new[](std::size_t size_bytes) { return counted(size_bytes); }
void* operator new(std::size_t size_bytes, const std::nothrow_t&) noexcept { return counted(size_bytes); }
void* operator new[](std::size_t size_bytes, const std::nothrow_t&) noexcept { return counted(size_bytes); }
void operator delete(void* memory) noexcept { given_back(memory); }
void operator delete[](void* memory) noexcept { given_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { given_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { given_back(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { given_back(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { given_back(memory); }

namespace clients::mls {

Allocated allocated() { return {asked_bytes, live_bytes}; }

}  // namespace clients::mls
