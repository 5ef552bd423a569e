#include "audit/report/cells.h"

#include <algorithm>

namespace audit::report {
namespace {

bool too_few(const Tally& tally) { return tally.count > 0 && (tally.count < kCellMin || tally.people < kCellMin); }

void join(Tally& others, const Tally& one, Overlap overlap) {
  others.count += one.count;
  others.people = overlap == Overlap::kApart ? others.people + one.people : std::max(others.people, one.people);
}

// The smallest that still stands alone and has events; none: all are joined.
std::optional<std::size_t> smallest_alone(const std::vector<Tally>& tallies, const std::vector<bool>& joined) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < tallies.size(); ++i)
    if (!joined[i] && tallies[i].count > 0 && (!found || tallies[i].count < tallies[*found].count)) found = i;
  return found;
}

}  // namespace

Column protect(const std::vector<Tally>& tallies, Overlap overlap) {
  std::vector<bool> joined(tallies.size(), false);
  Tally others;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    joined[i] = too_few(tallies[i]);
    if (joined[i]) join(others, tallies[i], overlap);
  }
  while (too_few(others)) {
    const auto next = smallest_alone(tallies, joined);
    if (!next) break;
    joined[*next] = true;
    join(others, tallies[*next], overlap);
  }
  Column column;
  Tally all = others;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    column.cells.push_back({tallies[i].label, joined[i] ? std::nullopt : std::optional(tallies[i].count)});
    if (!joined[i]) join(all, tallies[i], overlap);
  }
  if (too_few(others)) return column;
  if (others.count > 0) column.others = others.count;
  column.total = all.count;
  return column;
}

}  // namespace audit::report
