// Rosters as iCalendar (RFC 5545), for calendar programs and for read_calendar(): what is written here is read there
// with the same entries.
#pragma once

#include <string>

#include "policy/model/facts.h"
#include "policy/time/zone.h"

namespace policy::roster::ical {

struct ExportOptions {
  base::Instant stamp;               // DTSTAMP: when it was written
  const time::Zone* zone = nullptr;  // times in this zone, described by a VTIMEZONE; in UTC without one
};

// One VEVENT an entry, with X-FEIERABEND-PERSON, CATEGORIES and a UID that depends on nothing but the entry. A time
// that the zone's clock shows twice is written in UTC.
std::string write_calendar(const model::People& people, const ExportOptions& options);

}  // namespace policy::roster::ical
