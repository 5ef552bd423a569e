// A week as a picture and as a table: days below each other, hours from left to right, one panel for each thing that is
// looked at (a class of message, the roster, a class before and after a change).
//
// Picture and table are drawn from the same pieces, and every rectangle carries the words of its table cell as its
// <title>. Hours are those of the clock on the wall: where it jumps forward, a gap stays empty; where an hour is read
// twice, the first reading is the upper half of the row and the second the lower one. A row is exact, whatever its
// day's length.
//
// Colours are those of Okabe and Ito (Color Universal Design, 2008), and every mark has a hatching of its own, so that
// nothing is said by colour alone. No fonts, scripts or references to other files. Values; pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/base/instant.h"
#include "policy/time/zone.h"
#include "policy/vocabulary/both.h"

namespace policy::chart {

using vocabulary::Both;
using vocabulary::Language;

enum class Mark : std::uint8_t {
  kOpen,       // messages are delivered
  kSilent,     // only when the app is opened
  kHeld,       // messages wait
  kNewlyOpen,  // of a change: less protected than before
  kNewlyHeld,  // of a change: more protected than before
  kFree,       // of a roster: nothing
  kDuty,       // duty, standby, training, core hours
  kOnCall,     // reachable, but resting
  kAway,       // leave or sickness
};
Both words_of(Mark mark);  // as the legend and the table say it: "wartet", "waits"

struct Stretch {
  base::Interval span;
  Mark mark = Mark::kOpen;
  bool operator==(const Stretch&) const = default;
};

struct Panel {
  Both title;
  std::vector<Stretch> line;  // sorted, apart from each other; what is not covered stays empty
};

struct Week {
  std::string id = "week";  // begins the ids inside the SVG; letters, digits and '-', unique on a page
  Both title;
  Both caption;                            // a sentence or two below the title: whose week, which rules
  std::shared_ptr<const time::Zone> zone;  // never null
  time::LocalDate first;                   // the first of `days` dates, normally a Monday
  int days = 7;
  std::vector<time::LocalDate> holidays;  // those of the week, marked at their label
  std::vector<Panel> panels;
};

// What one row shows between two readings of the clock on one date.
struct Piece {
  enum class Reading : std::uint8_t { kOnly, kFirst, kSecond };
  time::LocalDate date;
  std::int32_t from = 0, to = 0;  // seconds on the clock since midnight; `to` up to 86400
  Reading reading = Reading::kOnly;
  Mark mark = Mark::kOpen;
  Both words;  // "06:00–14:00 kommt an"; where the hour is read twice with the zone: "02:00–03:00 (CEST) wartet"
  bool operator==(const Piece&) const = default;
};
// Of one panel and one date, in order of time. Neighbours of one mark are one piece unless the clock is changed
// between.
std::vector<Piece> pieces(const Week& week, const Panel& panel, time::LocalDate date);

// "Am Sonntag, 29. März 2026, wird die Uhr umgestellt: der Tag hat 23 Stunden."; empty in most weeks.
std::vector<Both> clock_changes(const Week& week);

// A whole SVG document. Root: role="img", named by <title> and <desc>; `desc` is caption and hours per panel and mark.
std::string svg(const Week& week, Language language);

// The twin: a row for each date, a column for each panel.
std::string markdown_table(const Week& week, Language language);
std::string html_table(const Week& week, Language language);

}  // namespace policy::chart
