#include "audit/report/cells.h"

#include <algorithm>

namespace audit::report {
namespace {

bool too_few(const Tally& tally, Least least) {
  if (tally.count == 0) return false;
  return tally.count < kCellMin || (least == Least::kEventsAndPeople && tally.people < kCellMin);
}

void join(Tally& others, const Tally& one) {
  others.count += one.count;
  others.people += one.people;
}

// The smallest that still stands alone and has events; none: all are joined.
std::optional<std::size_t> smallest_alone(const std::vector<Tally>& tallies, const std::vector<bool>& joined) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < tallies.size(); ++i)
    if (!joined[i] && tallies[i].count > 0 && (!found || tallies[i].count < tallies[*found].count)) found = i;
  return found;
}

}  // namespace

Column protect(const std::vector<Tally>& tallies, Least least) {
  std::vector<bool> joined(tallies.size(), false);
  Tally others;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    joined[i] = too_few(tallies[i], least);
    if (joined[i]) join(others, tallies[i]);
  }
  while (too_few(others, least)) {
    const auto next = smallest_alone(tallies, joined);
    if (!next) break;
    joined[*next] = true;
    join(others, tallies[*next]);
  }
  Column column;
  Tally all = others;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    column.cells.push_back({tallies[i].label, joined[i] ? std::nullopt : std::optional(tallies[i].count)});
    if (!joined[i]) join(all, tallies[i]);
  }
  if (too_few(others, least)) return column;
  if (others.count > 0) column.others = others.count;
  column.total = all.count;
  return column;
}

}  // namespace audit::report
