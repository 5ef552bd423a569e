#include "policy/simulate/span_of_rows.h"

#include <algorithm>
#include <numeric>

namespace policy::simulate {

bool SpanOfRows::add(Condition row) {
  Reduced reduced;
  for (std::size_t j = 0; j < kColumns; ++j) reduced.entries[j] = (row >> j) & 1U;
  auto& entries = reduced.entries;
  for (const Reduced& known : rows_) {
    const std::int64_t factor = entries[known.pivot], pivot = known.entries[known.pivot];
    if (factor == 0) continue;
    std::int64_t divisor = 0;
    for (std::size_t j = 0; j < kColumns; ++j) {
      entries[j] = entries[j] * pivot - known.entries[j] * factor;
      divisor = std::gcd(divisor, entries[j]);
    }
    if (divisor == 0) return false;
    for (std::int64_t& entry : entries) entry /= divisor;
  }
  const auto first = std::ranges::find_if(entries, [](std::int64_t entry) { return entry != 0; });
  if (first == entries.end()) return false;
  reduced.pivot = static_cast<std::size_t>(first - entries.begin());
  rows_.push_back(reduced);
  return true;
}

}  // namespace policy::simulate
