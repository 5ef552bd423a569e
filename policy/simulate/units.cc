#include "policy/simulate/units.h"

#include <algorithm>
#include <set>

#include "policy/pack/csv.h"

namespace policy::simulate {
namespace {

using UnitOf = std::map<std::string, std::string, std::less<>>;

Units made(const UnitOf& unit_of) {
  std::set<std::string> names;
  for (const auto& [person, unit] : unit_of) names.insert(unit);
  Units out;
  out.names.assign(names.begin(), names.end());
  for (const auto& [person, unit] : unit_of) {
    const auto at = std::ranges::lower_bound(out.names, unit);
    out.of.emplace(person, static_cast<std::size_t>(at - out.names.begin()));
  }
  return out;
}

}  // namespace

Units units_by_group(const model::People& people, std::string_view prefix) {
  UnitOf unit_of;
  for (const auto& [person, facts] : people) {
    std::string& unit = unit_of[person];
    for (const std::string& group : facts.groups)
      if (group.starts_with(prefix) && (unit.empty() || group < unit)) unit = group;
  }
  return made(unit_of);
}

std::expected<Units, pack::Errors> read_units(std::string_view name, std::string_view csv,
                                              const model::People& people) {
  pack::Errors errors;
  pack::CsvReader reader(name, csv, errors);
  UnitOf unit_of;
  std::set<std::string, std::less<>> named;
  if (reader.header({"person", "unit"})) {
    while (const auto record = reader.next()) {
      const pack::CsvField &person = (*record)[0], &unit = (*record)[1];
      const std::string seen = "person '" + base::printable(person.text) + "'";
      if (!people.contains(person.text))
        reader.add(person.at, {"csv.unknown-person", seen, "a person whom the people file names", {}, {}});
      else if (!named.insert(person.text).second)
        reader.add(person.at, {"csv.duplicate-person",
                               "person '" + base::printable(person.text) + "' again",
                               "each person once",
                               {},
                               {}});
      else
        unit_of[person.text] = unit.text;
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  for (const auto& [person, facts] : people) unit_of.try_emplace(person);
  return made(unit_of);
}

}  // namespace policy::simulate
