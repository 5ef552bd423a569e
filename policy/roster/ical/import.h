// Rosters from iCalendar (RFC 5545) and its availability (RFC 7953).
//
//   VEVENT         an entry: CATEGORIES name the kind (duty, standby, on-call, leave, sick, training; Dienst,
//                  Bereitschaft, Rufbereitschaft, Urlaub, Krank, Fortbildung), DTSTART with DTEND or DURATION the
//                  time. A whole day lasts from midnight to midnight. RRULE, RDATE, EXDATE and RECURRENCE-ID are
//                  expanded here, up to Options::horizon. STATUS:CANCELLED takes an event or an occurrence away.
//   VAVAILABILITY  AVAILABLE inside of it is duty (or what its CATEGORIES say), cut to it; the time outside is none,
//                  whatever its BUSYTYPE. One with a higher PRIORITY (1 before 9 before none) replaces those below it
//                  for as long as it lasts; two of one priority must not overlap.
//   whose          X-FEIERABEND-PERSON of the component; else the calendar's, or its X-WR-RELCALID; else the attendees
//                  who have not declined (of VAVAILABILITY the ORGANIZER), as mailto:ID@… or urn:…:ID; else
//                  Options::person.
//   zone           TZID is a name of the tz database, or one of Microsoft's for Central Europe; times without one are
//   in
//                  X-WR-TIMEZONE, else in Options::zone. VTIMEZONE is not read. A begin is the first, an end the last
//                  reading of the clock.
//
// Everything else is skipped: other components, other properties. Bounds: kCalendarBytesMax, kNestingMax, kEventsMax
// and those of content_line.h, event.h, recurrence.h and draft.h.
#pragma once

#include <string_view>

#include "policy/roster/draft/draft.h"

namespace policy::roster::ical {

constexpr std::size_t kCalendarBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kNestingMax = 8;       // components in each other
constexpr std::size_t kEventsMax = 500'000;  // VEVENT and AVAILABLE of a file

// Adds the entries to the people, or nothing. Errors: ical.too-large, ical.syntax, ical.line-too-long, ical.nesting,
// ical.missing, ical.value, ical.recurrence, roster.*, zone.unknown.
std::expected<void, draft::Errors> read_calendar(std::string_view name, std::string_view text,
                                                 const draft::Options& options, model::People& people);

}  // namespace policy::roster::ical
