#include "policy/bundle/pins.h"

#include <algorithm>
#include <map>

#include "policy/pack/rules.h"

namespace policy::bundle {

std::vector<ZonePin> zone_pins(const pack::RuleSet& rules) {
  std::map<std::string, const time::Zone*, std::less<>> zones;
  for (const auto& pack : rules.rules().packs)
    if (pack.zone) zones.emplace(pack.zone->name(), pack.zone.get());
  const auto& common = rules.rules().zone_table;
  zones.emplace(common->name(), common.get());
  std::vector<ZonePin> pins;
  for (const auto& [name, zone] : zones) pins.push_back({name, base::sha256(zone->canonical())});
  return pins;
}

Pins pins_of(const pack::RuleSet& rules, const base::Sha256& bundle) {
  std::string zones, holidays;
  for (const auto& pin : zone_pins(rules)) zones += pin.name + "\n" + base::to_hex(pin.digest) + "\n";
  std::map<std::string, const time::Holidays*, std::less<>> places;
  for (const auto& pack : rules.rules().packs)
    if (!pack.holidays_name.empty()) places.emplace(pack.holidays_name, pack.holidays.get());
  for (const auto& [place, table] : places) {
    holidays += place + "\n";
    for (const time::LocalDate date : table->dates()) holidays += std::to_string(date.days) + " ";
    holidays += "\n";
  }
  return {bundle, base::sha256(zones), base::sha256(holidays)};
}

Pins pins_of(const pack::RuleSet& rules) {
  base::Sha256 packs{};
  if (const auto bytes = base::from_hex(pack::digest(rules)); bytes && bytes->size() == packs.size())
    std::ranges::copy(*bytes, packs.begin());
  return pins_of(rules, packs);
}

}  // namespace policy::bundle
