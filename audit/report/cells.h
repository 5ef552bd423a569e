// Counts about people that may be told: none is below five, and none can be computed from those that are told.
//
// A column holds the counts of parts that have no event in common (units, reasons). A part with one to four events, or
// with events of fewer than five people, joins the others; as long as the others together are too few,
// the smallest part that could have stood alone joins them, too. Told are the parts that remain, the sum of the others
// and the total: every sum and difference of these is a sum of whole parts, each of which is large enough, or the
// others together. Where even all together are too few, nothing is told. A part without any event is told as zero.
//
// What it does not do: it protects one table. Two reports over overlapping periods can be held against each other; so
// periods are whole months, and each report is noted with its period among the readings of the log.
//
// Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace audit::report {

constexpr std::uint64_t kCellMin = 5;

struct Tally {
  std::string label;
  std::uint64_t count = 0;
  std::uint64_t people = 0;  // at least so many
};

struct Cell {
  std::string label;
  std::optional<std::uint64_t> count;  // none: among the others
  bool operator==(const Cell&) const = default;
};

struct Column {
  std::vector<Cell> cells;
  std::optional<std::uint64_t> others;  // none: nobody joined them, or they are too few
  std::optional<std::uint64_t> total;   // none: too few
  bool operator==(const Column&) const = default;
};

// Whether somebody can stand in several parts: in several reasons, but in one unit only. Parts together have at least
// as many people as the largest of them, and only of units as many as all of them.
enum class Overlap : std::uint8_t { kApart, kShared };
Column protect(const std::vector<Tally>& tallies, Overlap overlap);

}  // namespace audit::report
