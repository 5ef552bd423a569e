// The linear span of 0/1 rows over the rational numbers, exactly. Inside of policy/simulate.
//
// Rows are kept primitive (their entries have no common divisor), so an entry is at most a minor of a 0/1 matrix: for
// kColumns ≤ 24 below 2^29 (Hadamard: (n+1)^((n+1)/2) / 2^n), and a product of two fits 64 bits.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "policy/simulate/outcome.h"

namespace policy::simulate {

// People, more and fewer per class, hours, interruptions and those avoided.
constexpr std::size_t kCountColumns = 1 + 2 * model::kMessageClassCount;
constexpr std::size_t kColumns = kCountColumns + kHourColumns + 2;
static_assert(kColumns <= 24);

using Condition = std::uint32_t;  // bit j: column j has the coefficient 1

class SpanOfRows {
 public:
  // Is the row new, and not implied by those before?
  bool add(Condition row);
  std::size_t rank() const { return rows_.size(); }

 private:
  struct Reduced {
    std::size_t pivot = 0;
    std::array<std::int64_t, kColumns> entries{};
  };
  std::vector<Reduced> rows_;
};

}  // namespace policy::simulate
