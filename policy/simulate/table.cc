#include "policy/simulate/table.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "policy/simulate/span_of_rows.h"

namespace policy::simulate {
namespace {

using base::Seconds;

using Conditions = std::vector<Condition>;

// Columns of people, more, fewer: what is counted is known to be one each.
Condition counted(const Outcome& outcome) {
  Condition row = 1;
  for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
    const Seconds before = outcome.closed[before_of(c)], after = outcome.closed[after_of(c)];
    if (after > before) row |= Condition{1} << (1 + 2 * c);
    if (after < before) row |= Condition{1} << (2 + 2 * c);
  }
  return row;
}

Conditions conditions_of(const Outcome& outcome) {
  Conditions out{counted(outcome)};
  std::map<Seconds, Condition> same_hours;
  for (std::size_t j = 0; j < kHourColumns; ++j)
    if (!outcome.known[j]) same_hours[outcome.closed[j]] |= Condition{1} << (kCountColumns + j);
  for (const auto& [hours, row] : same_hours) out.push_back(row);
  constexpr Condition kInterruptions = Condition{1} << (kCountColumns + kHourColumns), kAvoided = kInterruptions << 1;
  if (outcome.avoided == outcome.interruptions) {
    if (outcome.avoided != 0) out.push_back(kInterruptions | kAvoided);
  } else {
    out.push_back(kInterruptions);
    if (outcome.avoided != 0) out.push_back(kAvoided);
  }
  std::ranges::sort(out);
  return out;
}

struct Sums {
  std::int64_t people = 0;
  std::array<Seconds, kHourColumns> closed{};
  std::array<std::int64_t, model::kMessageClassCount> longer{}, shorter{};
  std::int64_t interruptions = 0, avoided = 0;
};

// People of one row: their sums, and how many of them stand for the same conditions.
struct Block {
  Sums sums;
  std::map<Conditions, std::size_t> alike;
};

void add(Block& block, const Outcome& outcome) {
  Sums& sums = block.sums;
  ++sums.people;
  for (std::size_t j = 0; j < kHourColumns; ++j) sums.closed[j] = sums.closed[j] + outcome.closed[j];
  for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
    sums.longer[c] += outcome.closed[after_of(c)] > outcome.closed[before_of(c)] ? 1 : 0;
    sums.shorter[c] += outcome.closed[after_of(c)] < outcome.closed[before_of(c)] ? 1 : 0;
  }
  sums.interruptions += outcome.interruptions;
  sums.avoided += outcome.avoided;
  ++block.alike[conditions_of(outcome)];
}

void add(Block& block, const Block& other) {
  Sums& sums = block.sums;
  sums.people += other.sums.people;
  for (std::size_t j = 0; j < kHourColumns; ++j) sums.closed[j] = sums.closed[j] + other.sums.closed[j];
  for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
    sums.longer[c] += other.sums.longer[c];
    sums.shorter[c] += other.sums.shorter[c];
  }
  sums.interruptions += other.sums.interruptions;
  sums.avoided += other.sums.avoided;
  for (const auto& [conditions, count] : other.alike) block.alike[conditions] += count;
}

struct Alike {
  const Conditions* conditions;
  std::size_t left;
};

// Takes people out of `left` until what they stand for has this rank; those whose like there are most of go first.
bool take_a_set(std::vector<Alike>& left, std::size_t rank) {
  std::ranges::stable_sort(left, std::greater<>{}, &Alike::left);
  SpanOfRows taken;
  for (Alike& alike : left) {
    if (alike.left == 0 || taken.rank() == rank) break;
    bool adds = false;
    for (const Condition row : *alike.conditions) adds |= taken.add(row);
    if (adds) --alike.left;
  }
  return taken.rank() == rank;
}

// table.h, "When a row may go out".
bool may_go_out(const Block& block) {
  if (block.sums.people < static_cast<std::int64_t>(kPeopleMin)) return false;
  SpanOfRows all;
  std::vector<Alike> left;
  for (const auto& [conditions, count] : block.alike) {
    for (const Condition row : conditions) all.add(row);
    left.push_back({&conditions, count});
  }
  for (std::size_t set = 0; set < kPeopleMin; ++set)
    if (!take_a_set(left, all.rank())) return false;
  return true;
}

std::int64_t rounded(Seconds seconds) {
  constexpr std::int64_t kStep = kHoursStep * 3600;
  const std::int64_t half = seconds.count < 0 ? -kStep / 2 : kStep / 2;
  return (seconds.count + half) / kStep * kHoursStep;
}

Cells cells_of(const Sums& sums) {
  Cells out;
  out.people = sums.people;
  for (std::size_t c = 0; c < model::kMessageClassCount; ++c) {
    const Seconds before = sums.closed[before_of(c)], after = sums.closed[after_of(c)];
    out.classes[c] = {rounded(before), rounded(after), rounded(after - before), sums.longer[c], sums.shorter[c]};
  }
  out.interruptions = sums.interruptions;
  out.avoided = sums.avoided;
  return out;
}

}  // namespace

Table publish(std::span<const std::string> units, std::span<const Outcome> outcomes) {
  std::vector<Block> blocks(units.size());
  Block everybody, others;
  for (const Outcome& outcome : outcomes) add(blocks[outcome.unit], outcome);
  std::vector<std::size_t> alone;  // largest first
  std::vector<bool> printed(units.size(), false);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    add(everybody, blocks[i]);
    if (may_go_out(blocks[i])) {
      alone.push_back(i);
      printed[i] = true;
    } else {
      add(others, blocks[i]);
    }
  }
  std::ranges::stable_sort(alone, std::greater<>{}, [&](std::size_t i) { return blocks[i].sums.people; });
  while (others.sums.people > 0 && !may_go_out(others) && !alone.empty()) {
    add(others, blocks[alone.back()]);
    printed[alone.back()] = false;
    alone.pop_back();
  }
  const bool others_go_out = others.sums.people > 0 && may_go_out(others);
  Table table;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].sums.people == 0) continue;
    table.rows.push_back({units[i], printed[i] ? std::optional(cells_of(blocks[i].sums)) : std::nullopt});
  }
  if (others_go_out) table.others = cells_of(others.sums);
  if (others_go_out || others.sums.people == 0) table.total = cells_of(everybody.sums);
  if (everybody.sums.people == 0) table.total.reset();
  return table;
}

}  // namespace policy::simulate
