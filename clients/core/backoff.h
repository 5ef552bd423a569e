// How long to wait before the next attempt to connect: doubling from 250 ms to 15 s, each drawn at random between half
// and all of it, so that 23,000 clients do not return in the same second after a restart.
//
// Value; one thread. No errors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "policy/base/random.h"

namespace clients::core {

class Backoff {
 public:
  static constexpr std::int64_t kFirst_ms = 250;
  static constexpr std::int64_t kLongest_ms = 15'000;

  std::int64_t next_ms(policy::base::Random& random) {
    const auto drawn = random.array<4>();
    std::uint32_t number = 0;
    std::memcpy(&number, drawn.data(), sizeof number);
    const std::int64_t half = span_ms_ / 2;
    const std::int64_t wait = half + static_cast<std::int64_t>(number) % (span_ms_ - half + 1);
    span_ms_ = std::min(span_ms_ * 2, kLongest_ms);
    return wait;
  }
  void succeeded() { span_ms_ = kFirst_ms; }

 private:
  std::int64_t span_ms_ = kFirst_ms;
};

}  // namespace clients::core
