// The effect of a change on a roster, in numbers about units and never about people: no published number, and nothing
// that can be computed from the published numbers, is about one to four people.
//
// What is published. A row for each unit: how many people; per class, the hours in which it does not come through
// before and after, and how many people get more or fewer of them; interruptions, and how many of them would not come
// through any more. A row goes out whole or not at all. Units whose row may not go out are added up in one row of
// "others"; where that row may not go out either, the smallest units that could have stood alone join it, one after the
// other. The total is the sum of the rows that are printed. If everything together is not enough, nothing is printed.
//
// When a row may go out. Take the columns of a row as unknown weights α. One person's share of Σ α_j · cell_j is a
// number that depends on the person, unless α cancels it: for what is counted (people, more, fewer) that is one linear
// condition on α; for hours, one for each set of columns in which this person has the same hours, since the same hours
// before and after cancel out; hours that are zero, or that follow from the rules alone because the person has no
// roster, give no condition, since an attacker knows them and subtracts them. So every person stands for a few linear
// conditions, and a person takes part in a combination exactly if α breaks one of them. A row may go out if five sets
// of people without anybody in common each imply the conditions of everybody in the row.
//
// Why that is enough. Let α have one to four people in it. At least one of the five sets has none of them, so α
// satisfies the conditions of that whole set, hence those of everybody: nobody takes part, a contradiction. Every
// combination within a row therefore is about nobody or about at least five people; the printed rows have nobody in
// common and the total is their sum, so the same holds for every combination of the whole table. With one column alone
// it says that at least five people contribute to every number that is not zero; with two, that no difference of
// before and after, of two classes or of two counts is about fewer. Rounding to kHoursStep happens afterwards and
// tells nothing more.
//
// What it does not do: it protects one table. Two tables of the same roster with other spans, other units or slightly
// other rules can be compared with each other; and four colleagues of a unit of five who pool what they know about
// themselves learn about the fifth. That a unit is missing says that its numbers would have been too small.
//
// Pure values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/simulate/outcome.h"

namespace policy::simulate {

constexpr std::size_t kPeopleMin = 5;
constexpr std::int64_t kHoursStep = 5;

struct ClassCells {
  std::int64_t hours_before = 0, hours_after = 0, hours_change = 0;  // each rounded to kHoursStep by itself
  std::int64_t longer = 0, shorter = 0;                              // people
  bool operator==(const ClassCells&) const = default;
};

struct Cells {
  std::int64_t people = 0;
  std::array<ClassCells, model::kMessageClassCount> classes{};
  std::int64_t interruptions = 0, avoided = 0;
  bool operator==(const Cells&) const = default;
};

struct Row {
  std::string unit;
  std::optional<Cells> cells;  // absent: too small, or joined to "others"
};

struct Table {
  std::vector<Row> rows;        // as `units`, those without people left out
  std::optional<Cells> others;  // all rows without cells together
  std::optional<Cells> total;   // absent: nothing may be printed
};

// `outcomes` of people, each with an index into `units`.
Table publish(std::span<const std::string> units, std::span<const Outcome> outcomes);

}  // namespace policy::simulate
