#include "policy/base/random.h"

#include <sodium.h>

#include <cstdlib>

namespace policy::base {

SystemRandom::SystemRandom() {
  if (sodium_init() < 0) std::abort();
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); }

}  // namespace policy::base
