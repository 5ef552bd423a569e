#include "policy/roster/ical/import.h"

#include <algorithm>

#include "policy/roster/ical/availability.h"

namespace policy::roster::ical {
namespace {

using draft::Draft;

// Walks the lines of a file and hands over what it has read at the end of each component.
class Import {
 public:
  Import(std::string_view text, Draft& draft) : reader_(text), draft_(draft) {}

  void run() {
    while (!draft_.full()) {
      auto line = reader_.next();
      if (!line) {
        draft_.add(line.error().first, line.error().second);
        continue;
      }
      if (!*line) break;
      if (!take(std::move(**line))) return;
    }
    if (!open_.empty())
      fails(open_.back().at, "ical.syntax", "BEGIN:" + open_.back().name + " without END", "an END for each BEGIN");
    else if (calendars_ == 0 && draft_.sound())
      fails({1, 1}, "ical.syntax", "no calendar", "BEGIN:VCALENDAR");
  }

 private:
  bool fails(Position at, std::string code, std::string seen, std::string allowed) {
    draft_.add(at, {std::move(code), std::move(seen), std::move(allowed), {}, {}});
    return false;
  }

  // False ends the reading.
  bool take(ContentLine line) {
    if (line.name == "BEGIN") return begin(line);
    if (line.name == "END") return end(line);
    if (open_.empty()) return fails(line.at, "ical.syntax", "a property outside of a calendar", "BEGIN:VCALENDAR");
    if (skipped_ > 0) return true;
    Component& component = open_.back();
    if (component.name == "VCALENDAR") return calendar_property(line);
    if (!is_read(line.name)) return true;
    if (component.lines.size() == kLinesPerComponentMax)
      return fails(line.at, "roster.too-many", "more lines of one event",
                   "at most " + std::to_string(kLinesPerComponentMax) + " of them");
    component.lines.push_back(std::move(line));
    return true;
  }

  // They stand before the components (RFC 5545 § 3.4).
  bool calendar_property(const ContentLine& line) {
    const bool person = line.name == "X-FEIERABEND-PERSON" || line.name == "X-WR-RELCALID";
    if (!person && line.name != "X-WR-TIMEZONE") return true;
    if (headed_)
      return fails(line.at, "ical.syntax", line.name + " behind a component", line.name + " before the components");
    if (line.name == "X-WR-TIMEZONE")
      frame_.zone = text_of(line.value);
    else if (line.name == "X-FEIERABEND-PERSON" || frame_.person.empty())
      frame_.person = text_of(line.value);
    return true;
  }

  bool begin(const ContentLine& line) {
    const std::string name = capitals(line.value);
    if (open_.size() + skipped_ == kNestingMax)
      return fails(line.at, "ical.nesting", "components nested too deep", "at most " + std::to_string(kNestingMax));
    const std::string parent = open_.empty() ? "" : open_.back().name;
    const bool read = skipped_ == 0 && ((parent.empty() && name == "VCALENDAR") ||
                                        (parent == "VCALENDAR" && (name == "VEVENT" || name == "VAVAILABILITY")) ||
                                        (parent == "VAVAILABILITY" && name == "AVAILABLE"));
    if (!read && open_.empty())
      return fails(line.place(0), "ical.syntax", "'" + base::printable(name) + "' outside of a calendar",
                   "BEGIN:VCALENDAR");
    if (!read) {
      ++skipped_;
      skipped_names_.push_back(name);
      return true;
    }
    if (name != "VCALENDAR" && ++components_ > kEventsMax)
      return fails(line.at, "roster.too-many", "more events", "at most " + std::to_string(kEventsMax) + " of a file");
    if (name == "VCALENDAR") {
      ++calendars_;
      frame_ = {};
    }
    headed_ = name != "VCALENDAR";
    open_.push_back({name, line.at, {}});
    return true;
  }

  bool end(const ContentLine& line) {
    const std::string name = capitals(line.value);
    const std::string expected = skipped_ > 0 ? skipped_names_.back() : open_.empty() ? "" : open_.back().name;
    if (name != expected || name.empty())
      return fails(line.place(0), "ical.syntax", "END:" + base::printable(name),
                   expected.empty() ? "BEGIN:VCALENDAR" : "END:" + base::printable(expected));
    if (skipped_ > 0) {
      --skipped_;
      skipped_names_.pop_back();
      return true;
    }
    const Component component = std::move(open_.back());
    open_.pop_back();
    if (name == "VEVENT") {
      if (auto event = read_event(component, frame_, draft_)) events_.push_back(std::move(*event));
    } else if (name == "AVAILABLE") {
      add_available(component);
    } else if (name == "VAVAILABILITY") {
      if (!begun_) begin_availability(component);
      if (availability_) availabilities_.push_back(std::move(*availability_));
      availability_.reset();
      begun_ = false;
    } else {
      if (draft_.sound()) resolve(std::move(events_), budget_, draft_);
      if (draft_.sound()) resolve(std::move(availabilities_), draft_);
      events_.clear();
      availabilities_.clear();
    }
    return true;
  }

  // The own properties of a component stand before its parts (RFC 7953 § 3.1).
  void begin_availability(const Component& component) {
    begun_ = true;
    availability_ = read_availability(component, frame_, draft_);
  }

  void add_available(const Component& component) {
    if (!begun_) begin_availability(open_.back());
    if (!availability_) return;
    const Frame frame{availability_->person->person, model::RosterKind::kDuty, frame_.zone};
    if (const auto event = read_event(component, frame, draft_)) add_hours(*availability_, *event, budget_, draft_);
  }

  ContentReader reader_;
  Draft& draft_;
  Frame frame_;
  bool headed_ = false;  // a component of the calendar has begun
  Budget budget_;
  std::vector<Component> open_;
  std::vector<std::string> skipped_names_;
  std::size_t skipped_ = 0, components_ = 0, calendars_ = 0;
  std::vector<Event> events_;
  std::vector<Availability> availabilities_;
  std::optional<Availability> availability_;  // that is being read
  bool begun_ = false;                        // its own properties are read, well or not
};

}  // namespace

std::expected<void, draft::Errors> read_calendar(std::string_view name, std::string_view text,
                                                 const draft::Options& options, model::People& people) {
  Draft draft{std::string(name), options, people};
  if (text.size() > kCalendarBytesMax) {
    draft.add({1, 1}, {"ical.too-large",
                       "a calendar of " + std::to_string(text.size()) + " bytes",
                       "at most " + std::to_string(kCalendarBytesMax) + " bytes",
                       "split it",
                       {}});
  } else {
    Import(text, draft).run();
  }
  return draft.finish();
}

}  // namespace policy::roster::ical
