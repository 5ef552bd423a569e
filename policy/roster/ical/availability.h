// VAVAILABILITY (RFC 7953) as a roster: the hours in which somebody is available are duty.
#pragma once

#include <map>
#include <vector>

#include "policy/roster/ical/series.h"
#include "policy/time/interval_set.h"

namespace policy::roster::ical {

constexpr std::size_t kAvailabilitiesMax = 1'000;  // of one person

struct Availability {
  model::PersonFacts* person = nullptr;
  int priority = 0;  // 1 before 9 before 0 (§ 3.1)
  base::Interval range;
  std::map<model::RosterKind, std::vector<base::Interval>> hours;
  Position at;
};

// The component without its AVAILABLE parts. Nothing after an error. Errors: ical.value, roster.*.
std::optional<Availability> read_availability(const Component& component, const Frame& frame, draft::Draft& draft);

// Adds the occurrences of one AVAILABLE.
void add_hours(Availability& availability, const Event& event, Budget& budget, draft::Draft& draft);

// Lays those of each person over each other, the highest priority on top, and adds what is left as entries.
// Error: ical.value for two of one priority that overlap.
void resolve(std::vector<Availability> all, draft::Draft& draft);

}  // namespace policy::roster::ical
