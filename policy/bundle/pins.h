// Digests that say what a decision was made of, apart from the facts: rules, time zones, public holidays. Entries of
// the audit log hold them, so that a replay can tell whether it has the same (replay.h).
//
// Pure; values; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "policy/base/sha256.h"
#include "policy/bundle/bundle.h"
#include "policy/pack/rule_set.h"

namespace policy::bundle {

struct Pins {
  base::Sha256 rules{};     // of the bundle's bytes; for packs without a bundle their digest(), see rule_set.h
  base::Sha256 tzdata{};    // of "<name>\n<SHA-256 in hex>\n" for each zone that the rules use, sorted by name
  base::Sha256 holidays{};  // of "<place>\n<days since 1970> … \n" for each place that the packs name, sorted
  bool operator==(const Pins&) const = default;
};

// SHA-256 of Zone::canonical().
std::vector<ZonePin> zone_pins(const pack::RuleSet& rules);

Pins pins_of(const pack::RuleSet& rules, const base::Sha256& bundle);
Pins pins_of(const pack::RuleSet& rules);  // packs without a bundle

}  // namespace policy::bundle
