// Finds commitments that stand in a log twice, with 8 bytes an entry and never more than kHeldMax of them at a time:
// of a log above that, each pass looks at the part of the commitments that falls to it.
//
// One thread.
#pragma once

#include <cstdint>
#include <vector>

namespace audit::verify {

class Repeats {
 public:
  static constexpr std::uint64_t kHeldMax = std::uint64_t{1} << 24;  // 128 MiB

  explicit Repeats(std::uint64_t entries, std::uint64_t held_max = kHeldMax)
      : passes_(1 + entries / held_max), expected_(entries / passes_) {}

  std::uint64_t passes() const { return passes_; }
  void begin(std::uint64_t pass);
  // The first 8 bytes of a commitment, which are as good as random.
  void add(std::uint64_t commitment);
  // Those that came more than once in this pass, at most `count_max`, in order. What was held is gone.
  std::vector<std::uint64_t> twice(std::size_t count_max);

 private:
  std::uint64_t passes_, expected_, pass_ = 0;
  std::vector<std::uint64_t> held_;
};

}  // namespace audit::verify
