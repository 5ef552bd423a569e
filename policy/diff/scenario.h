// Rosters to try rules on where no real one is given. Pure; the same rules give the same rosters.
//
// Two sorts. The ordinary ones are lives that a reader knows: core hours, day duty, night duty, one long duty a week,
// on call, absent, called out at night, opened by an override or by oneself. Standby and training are duty for every
// rule (model::counts_as_duty) and leave and sickness are both absence, so that one of each stands for all. The others
// are for finding: gaps, lengths and interruptions at, just below and just above every duration that occurs in either
// set, in a mixed order, with absences and on-call duty over them.
#pragma once

#include <string>
#include <vector>

#include "policy/model/facts.h"
#include "policy/pack/rules.h"

namespace policy::diff {

enum class Life : std::uint8_t {
  kCoreHours,   // no roster entry at all
  kDayDuty,     // Monday to Friday, 08:00 to 16:00
  kNightDuty,   // 20:00 to 06:00 on four nights
  kLongDuty,    // Wednesdays, 06:00 to 18:00, and nothing else
  kOnCall,      // day duty, on call for the rest of the time
  kOnlyOnCall,  // on call all the time
  kAbsent,      // on leave all the time
  kCalledOut,   // day duty, called at 23:00 for the longest and the shortest time that matters
  kOverridden,  // core hours, and every override that the rules know, too long and once more than they allow
  kSelfOpened,  // core hours, and the own gate opened every evening for too long
  kMixed,       // for finding
};
std::string_view name_of(Life life);  // "core-hours", …

struct Scenario {
  Life life = Life::kCoreHours;
  std::size_t number = 0;    // of the kMixed ones
  base::Interval span;       // where decisions are compared
  model::PersonFacts facts;  // without groups
  bool operator==(const Scenario&) const = default;
};

constexpr std::size_t kMixedScenarios = 24;

// The ordinary ones over `span`, in the zone of the new rules; those that no rule of either set can tell from core
// hours are left out.
std::vector<Scenario> ordinary_scenarios(const pack::Rules& before, const pack::Rules& after, base::Interval span);
// The searching ones, six weeks each, spread over `span`.
std::vector<Scenario> mixed_scenarios(const pack::Rules& before, const pack::Rules& after, base::Interval span);

}  // namespace policy::diff
