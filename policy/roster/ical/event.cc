#include "policy/roster/ical/event.h"

#include <algorithm>
#include <array>

#include "policy/pack/spelling.h"

namespace policy::roster::ical {
namespace {

using draft::Draft;
using model::RosterKind;

constexpr std::string_view kKinds =
    "duty, standby, on-call, leave, sick, training, or the German Dienst, Bereitschaft, "
    "Rufbereitschaft, Urlaub, Krank, Fortbildung";

struct KindName {
  std::string_view name;  // in capitals
  RosterKind kind;
};
constexpr std::array kKindNames{KindName{"DUTY", RosterKind::kDuty},
                                KindName{"DIENST", RosterKind::kDuty},
                                KindName{"STANDBY", RosterKind::kStandby},
                                KindName{"BEREITSCHAFT", RosterKind::kStandby},
                                KindName{"BEREITSCHAFTSDIENST", RosterKind::kStandby},
                                KindName{"ON-CALL", RosterKind::kOnCall},
                                KindName{"RUFBEREITSCHAFT", RosterKind::kOnCall},
                                KindName{"LEAVE", RosterKind::kLeave},
                                KindName{"URLAUB", RosterKind::kLeave},
                                KindName{"SICK", RosterKind::kSick},
                                KindName{"KRANK", RosterKind::kSick},
                                KindName{"KRANKHEIT", RosterKind::kSick},
                                KindName{"TRAINING", RosterKind::kTraining},
                                KindName{"FORTBILDUNG", RosterKind::kTraining}};

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += coded ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

// "mailto:anna@amt.example": the whole address if somebody is called so, else what stands before the @.
// "urn:x-staff:anna": what stands behind the last colon.
std::optional<std::string> person_of(std::string_view address, const Draft& draft) {
  const std::string scheme = capitals(address.substr(0, std::min(address.find(':'), address.size())));
  const std::string rest = percent_decoded(address.substr(std::min(scheme.size() + 1, address.size())));
  if (scheme == "URN") {
    const std::size_t last = rest.rfind(':');
    if (last == std::string::npos || last + 1 == rest.size()) return std::nullopt;
    return rest.substr(last + 1);
  }
  if (scheme != "MAILTO" || rest.empty()) return std::nullopt;
  const std::size_t sign = rest.find('@');
  return draft.knows(rest) || sign == std::string::npos || sign == 0 ? rest : rest.substr(0, sign);
}

bool takes_part(const ContentLine& attendee) {
  const std::string type = capitals(attendee.parameter("CUTYPE")), state = capitals(attendee.parameter("PARTSTAT"));
  return state != "DECLINED" && (type.empty() || type == "INDIVIDUAL") &&
         capitals(attendee.parameter("ROLE")) != "NON-PARTICIPANT";
}

std::optional<RosterKind> read_kind(const Component& component, const Frame& frame, Draft& draft) {
  std::optional<RosterKind> found;
  const ContentLine* line = nullptr;
  std::vector<std::string> strange;
  for (const ContentLine& one : component.lines) {
    if (one.name != "CATEGORIES") continue;
    line = &one;
    for (const std::string& category : text_list(one.value)) {
      const auto kind = kind_of(category);
      if (!kind) strange.push_back(category);
      if (kind && found && *kind != *found) {
        draft.add(one.place(0), {"roster.unknown-kind", "categories of two kinds", std::string(kKinds), {}, {}});
        return std::nullopt;
      }
      if (kind) found = kind;
    }
  }
  if (found || (line == nullptr && frame.kind)) return found ? found : frame.kind;
  if (line == nullptr) {
    draft.add(component.at, {"roster.unknown-kind", "an event without CATEGORIES", std::string(kKinds), {}, {}});
  } else {
    std::vector<std::string_view> names;
    for (const KindName& one : kKindNames) names.push_back(one.name);
    const std::string near = pack::did_you_mean(capitals(strange.front()), names);
    draft.add(line->place(0), {"roster.unknown-kind",
                               "roster kind '" + base::printable(strange.front()) + "'",
                               std::string(kKinds),
                               near,
                               {}});
  }
  return std::nullopt;
}

std::optional<Moment> moment_of(const WallClock& clock, const ContentLine& line, std::size_t offset, const Frame& frame,
                                Draft& draft) {
  Moment out{clock.date, clock.time, clock.whole_day, nullptr};
  if (clock.utc) return out;
  const std::string_view tzid = line.parameter("TZID");
  const Position at = line.place(offset);
  if (!tzid.empty())
    out.zone = draft.zone(zone_name(tzid), at);
  else if (!frame.zone.empty())
    out.zone = draft.zone(zone_name(frame.zone), at);
  else
    out.zone = draft.default_zone(at);
  if (out.zone == nullptr) return std::nullopt;
  return out;
}

// Each value of a comma-separated list of DATE or DATE-TIME.
template <typename Take>
bool each_moment(const ContentLine& line, const Frame& frame, Draft& draft, const Take& take) {
  const std::string_view value = line.value;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(',', begin), value.size());
    const auto clock = parse_wall_clock(value.substr(begin, end - begin));
    if (!clock) {
      draft.add(line.place(begin), clock.error());
      return false;
    }
    const auto moment = moment_of(*clock, line, begin, frame, draft);
    if (!moment || !take(*moment, begin)) return false;
    begin = end + 1;
  }
  return true;
}

// Reads one event; stops at its first error.
class EventReader {
 public:
  EventReader(const Component& component, const Frame& frame, Draft& draft)
      : component_(component), frame_(frame), draft_(draft) {}

  std::optional<Event> read() {
    event_.at = component_.at;
    if (const ContentLine* uid = component_.find("UID")) event_.uid = uid->value;
    if (const ContentLine* status = component_.find("STATUS"))
      event_.cancelled = capitals(status->value) == "CANCELLED";
    if (!begin() || !end() || !rule() || !dates() || !replaced()) return std::nullopt;
    if (event_.cancelled) return std::move(event_);
    const auto kind = read_kind(component_, frame_, draft_);
    event_.persons = read_persons(component_, frame_, draft_);
    if (!kind || event_.persons.empty()) return std::nullopt;
    event_.kind = *kind;
    return std::move(event_);
  }

 private:
  bool fails(Position at, std::string code, std::string seen, std::string allowed) {
    draft_.add(at, {std::move(code), std::move(seen), std::move(allowed), {}, {}});
    return false;
  }

  bool begin() {
    const ContentLine* line = component_.find("DTSTART");
    if (line == nullptr) return fails(component_.at, "ical.missing", component_.name + " without DTSTART", "a DTSTART");
    const auto moment = read_moment(*line, frame_, draft_);
    if (moment) event_.begin = *moment;
    return moment.has_value();
  }

  bool end() {
    const ContentLine *end = component_.find("DTEND"), *duration = component_.find("DURATION");
    if (end != nullptr && duration != nullptr)
      return fails(duration->at, "ical.value", "DTEND together with DURATION", "one of them");
    if (duration != nullptr) {
      const auto read = parse_duration(duration->value);
      if (!read) draft_.add(duration->place(0), read.error());
      if (read && event_.begin.whole_day && read->exact.count != 0)
        return fails(duration->place(0), "ical.value", "hours of whole days", "days or weeks, as P1D");
      if (read) event_.duration = *read;
      return read.has_value();
    }
    if (end == nullptr) {
      event_.duration = Duration{event_.begin.whole_day ? 1 : 0, {}};
      return true;
    }
    const auto read = read_moment(*end, frame_, draft_);
    if (!read) return false;
    if (read->whole_day != event_.begin.whole_day)
      return fails(end->at, "ical.value", "DTSTART and DTEND of two forms", "two days, or two times");
    event_.end = *read;
    return true;
  }

  bool rule() {
    const ContentLine* line = component_.find("RRULE");
    if (line == nullptr) return true;
    const bool again = std::ranges::count(component_.lines, "RRULE", &ContentLine::name) > 1;
    if (again) return fails(component_.at, "ical.recurrence", "a second RRULE", "one, as RFC 5545 § 3.8.5.3 advises");
    auto read = parse_rule(line->value);
    if (!read) {
      draft_.add(line->place(read.error().offset), read.error().error);
      return false;
    }
    event_.rule = std::move(*read);
    event_.rule_at = line->at;
    return true;
  }

  bool dates() {
    for (const ContentLine& line : component_.lines) {
      const bool more = line.name == "RDATE";
      if (!more && line.name != "EXDATE") continue;
      const bool read = each_moment(line, frame_, draft_, [&](const Moment& moment, std::size_t offset) {
        if (moment.whole_day != event_.begin.whole_day)
          return fails(line.place(offset), "ical.value", line.name + " of another form than DTSTART",
                       "days for days, times for times");
        if (event_.more.size() + event_.without.size() == kRecurrencesMax)
          return fails(line.place(offset), "roster.too-many", "more recurrences",
                       "at most " + std::to_string(kRecurrencesMax) + " of an event");
        if (more)
          event_.more.push_back({moment, line.place(offset)});
        else
          event_.without.push_back(moment);
        return true;
      });
      if (!read) return false;
    }
    return true;
  }

  bool replaced() {
    const ContentLine* line = component_.find("RECURRENCE-ID");
    if (line == nullptr) return true;
    if (!line->parameter("RANGE").empty())
      return fails(line->at, "ical.value", "RECURRENCE-ID with RANGE", "one RECURRENCE-ID for each occurrence");
    const auto moment = read_moment(*line, frame_, draft_);
    if (moment) event_.instead_of = Occurrence{*moment, line->at};
    return moment.has_value();
  }

  const Component& component_;
  const Frame& frame_;
  Draft& draft_;
  Event event_;
};

}  // namespace

const ContentLine* Component::find(std::string_view property) const {
  const auto found = std::ranges::find(lines, property, &ContentLine::name);
  return found == lines.end() ? nullptr : &*found;
}

bool is_read(std::string_view property) {
  constexpr std::array<std::string_view, 15> kRead{
      "UID",      "DTSTART",   "DTEND",      "DURATION", "RRULE",
      "RDATE",    "EXDATE",    "STATUS",     "PRIORITY", "RECURRENCE-ID",
      "ATTENDEE", "ORGANIZER", "CATEGORIES", "BUSYTYPE", "X-FEIERABEND-PERSON"};
  return std::ranges::find(kRead, property) != kRead.end();
}

std::optional<RosterKind> kind_of(std::string_view category) {
  const std::string wanted = capitals(category);
  const auto* found = std::ranges::find(kKindNames, wanted, &KindName::name);
  if (found == kKindNames.end()) return std::nullopt;
  return found->kind;
}

base::Interval Event::span_at(const Moment& occurrence) const {
  if (end) {
    // Both move by the same number of days and seconds on the wall.
    const std::int64_t shift =
        (occurrence.date.days - begin.date.days) * 86400 + occurrence.time.second - begin.time.second;
    const std::int64_t wall = end->date.days * 86400 + end->time.second + shift;
    const std::int64_t day = wall >= 0 ? wall / 86400 : -((-wall + 86399) / 86400);
    return {occurrence.begin(),
            Moment{{day}, {static_cast<std::int32_t>(wall - day * 86400)}, end->whole_day, end->zone}.end()};
  }
  if (duration->days == 0) return {occurrence.begin(), occurrence.begin() + duration->exact};
  return {occurrence.begin(), occurrence.on(occurrence.date + duration->days).end() + duration->exact};
}

std::optional<Moment> read_moment(const ContentLine& line, const Frame& frame, Draft& draft) {
  const auto clock = parse_wall_clock(line.value);
  if (clock) return moment_of(*clock, line, 0, frame, draft);
  draft.add(line.place(0), clock.error());
  return std::nullopt;
}

std::vector<model::PersonFacts*> read_persons(const Component& component, const Frame& frame, Draft& draft) {
  std::vector<model::PersonFacts*> persons;
  const auto add = [&](std::string_view id, Position at) {
    auto* person = draft.person(id, at);
    if (person == nullptr) return false;
    if (std::ranges::find(persons, person) == persons.end()) persons.push_back(person);
    return true;
  };
  const ContentLine* own = component.find("X-FEIERABEND-PERSON");
  if (own != nullptr && !add(text_of(own->value), own->place(0))) return {};
  if (own != nullptr) return persons;
  if (!frame.person.empty()) {
    if (!add(frame.person, component.at)) return {};
    return persons;
  }
  const std::string_view attendee = component.name == "VAVAILABILITY" ? "ORGANIZER" : "ATTENDEE";
  for (const ContentLine& line : component.lines) {
    if (line.name != attendee || (attendee == "ATTENDEE" && !takes_part(line))) continue;
    const auto id = person_of(line.value, draft);
    if (!id) {
      draft.add(line.place(0), {"roster.no-person",
                                "the address '" + base::printable(line.value) + "'",
                                "mailto:NAME@… or urn:…:NAME",
                                {},
                                {}});
      return {};
    }
    if (persons.size() == kAttendeesMax) {
      draft.add(line.at, {"roster.too-many", "more attendees", "at most 1000 of an event", {}, {}});
      return {};
    }
    if (!add(*id, line.place(0))) return {};
  }
  if (persons.empty() && !draft.options().person.empty())
    add(draft.options().person, component.at);
  else if (persons.empty())
    draft.add(component.at, {"roster.no-person",
                             "an event that names nobody",
                             "X-FEIERABEND-PERSON or ATTENDEE in it, or X-WR-RELCALID in its calendar",
                             "name the person with --person",
                             {}});
  return persons;
}

std::optional<Event> read_event(const Component& component, const Frame& frame, Draft& draft) {
  return EventReader(component, frame, draft).read();
}

}  // namespace policy::roster::ical
