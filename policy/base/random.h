// The randomness port. Keys, tokens, ids and challenges come from here and from nowhere else, so that a test can replay
// a run and a reader can find every use.
//
// Implementations are safe to call from any thread and never fail: without entropy the process must not go on.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace policy::base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  template <std::size_t kSize>
  std::array<std::uint8_t, kSize> array() {
    std::array<std::uint8_t, kSize> bytes{};
    fill(bytes);
    return bytes;
  }
};

// The operating system's generator, through libsodium.
class SystemRandom final : public Random {
 public:
  SystemRandom();  // aborts if libsodium cannot be initialised
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace policy::base
