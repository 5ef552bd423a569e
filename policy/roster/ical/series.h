// Events of one calendar, brought together: a series with its exceptions becomes single entries.
#pragma once

#include <map>
#include <vector>

#include "policy/roster/ical/event.h"

namespace policy::roster::ical {

// What recurrences may still cost in this file.
struct Budget {
  std::size_t recurrences = kRecurrencesPerFileMax;
  std::int64_t days = kRecurrenceDaysPerFileMax;
};

// Each occurrence of the event by its begin, RECURRENCE-ID left aside. Nothing after an error.
std::optional<std::map<base::Instant, Moment>> occurrences(const Event& event, Budget& budget, draft::Draft& draft);

// Takes the events of one calendar, in their order.
void resolve(std::vector<Event> events, Budget& budget, draft::Draft& draft);

}  // namespace policy::roster::ical
