// A VEVENT, or an AVAILABLE of RFC 7953, as far as a roster needs it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/model/facts.h"
#include "policy/roster/draft/draft.h"
#include "policy/roster/ical/content_line.h"
#include "policy/roster/ical/recurrence.h"

namespace policy::roster::ical {

constexpr std::size_t kLinesPerComponentMax = 20'000;  // of those that are read
constexpr std::size_t kAttendeesMax = 1'000;

// The lines of one component that somebody may ask for.
struct Component {
  std::string name;
  Position at;
  std::vector<ContentLine> lines;

  const ContentLine* find(std::string_view property) const;  // the first
};

// A property of which a roster reads the value.
bool is_read(std::string_view property);

struct Occurrence {
  Moment begin;
  Position at;
};

struct Event {
  Position at;
  std::string uid;  // empty if there is none
  std::vector<model::PersonFacts*> persons;
  model::RosterKind kind = model::RosterKind::kDuty;
  bool cancelled = false;

  Moment begin;
  std::optional<Moment> end;         // of the first occurrence
  std::optional<Duration> duration;  // instead of it
  std::optional<Rule> rule;
  Position rule_at;
  std::vector<Occurrence> more;          // RDATE
  std::vector<Moment> without;           // EXDATE
  std::optional<Occurrence> instead_of;  // RECURRENCE-ID

  // The interval of the occurrence that begins at `begin`. A DTEND moves with the occurrence on the calendar, so that a
  // shift from 22:00 to 06:00 ends when the clock shows 06:00, too, in the night of a clock change (RFC 5545 § 3.8.5.3
  // would keep the first one's length in seconds).
  base::Interval span_at(const Moment& occurrence) const;
};

// Whom and what an event is about if it does not say so itself.
struct Frame {
  std::string person;                     // of the calendar: X-FEIERABEND-PERSON or X-WR-RELCALID
  std::optional<model::RosterKind> kind;  // AVAILABLE counts as duty
  std::string zone;                       // X-WR-TIMEZONE
};

// Errors go to the draft; then there is nothing. ical.missing, ical.value, ical.recurrence, roster.no-person,
// roster.unknown-person, roster.unknown-kind, zone.unknown, roster.zone.
std::optional<Event> read_event(const Component& component, const Frame& frame, draft::Draft& draft);

// A DATE or DATE-TIME property with its zone.
std::optional<Moment> read_moment(const ContentLine& line, const Frame& frame, draft::Draft& draft);

// The persons of the component: its X-FEIERABEND-PERSON, else the calendar's, else its attendees (mailto:, urn:), else
// the one of the options. Empty after an error.
std::vector<model::PersonFacts*> read_persons(const Component& component, const Frame& frame, draft::Draft& draft);

// "duty", "Dienst", "on-call", "Rufbereitschaft", … in any case of letters.
std::optional<model::RosterKind> kind_of(std::string_view category);

}  // namespace policy::roster::ical
