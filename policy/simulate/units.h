// Which unit each person counts for: exactly one, because units that overlap could be subtracted from each other. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/model/facts.h"
#include "policy/pack/roster_csv.h"

namespace policy::simulate {

struct Units {
  std::vector<std::string> names;                      // sorted; "" are the people without a unit
  std::map<std::string, std::size_t, std::less<>> of;  // every person → index into `names`
};

// The first group in byte order that begins with `prefix`, of each person; an empty prefix takes the first group.
Units units_by_group(const model::People& people, std::string_view prefix);

// CSV person,unit. People whom it does not name are without a unit. Errors: csv.*, csv.unknown-person,
// csv.duplicate-person (a second unit); all of them, up to pack::kErrorsMax.
std::expected<Units, pack::Errors> read_units(std::string_view name, std::string_view csv, const model::People& people);

}  // namespace policy::simulate
