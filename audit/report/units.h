// Which unit a pseudonym belongs to: the log does not know units. Officer and council make this list together when they
// open pseudonyms for a report.
//
//   pseudonym,unit[,person]        first line
//   <32 hex digits>,<unit>[,<person>]
//
// `person` is any word that is the same for all pseudonyms of one person; it makes the number of people exact. Without
// it a number of people is the largest of one day, which is never too high. No quotes, no commas within a value; at
// most kUnitsMax lines, words of at most kUnitBytesMax bytes without control characters.
//
// Pure. Error: units.syntax (with the line's number as `where`).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "audit/event/values.h"

namespace audit::report {

constexpr std::size_t kUnitsMax = 2'000'000;
constexpr std::size_t kUnitBytesMax = 64;

struct Member {
  std::string unit, person;  // person may be empty
  bool operator==(const Member&) const = default;
};
using Units = std::map<event::Pseudonym, Member>;

policy::base::Result<Units> parse_units(std::string_view text);

}  // namespace audit::report
