// Local times that are not what they look like.
#include <algorithm>
#include <map>
#include <tuple>

#include "policy/check/collector.h"

namespace policy::check {
namespace {

// Eleven years: each clock change of summer time meets most dates on which it can fall.
constexpr time::YearMonthDay kFirstDate{2026, 1, 1};
constexpr time::YearMonthDay kLastDate{2036, 12, 31};

std::string text_of(time::LocalDate date) {
  const time::YearMonthDay civil = time::civil_of(date);
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(civil.year) + "-" + two(civil.month) + "-" + two(civil.day);
}

std::string text_of(time::LocalTime time) {
  const auto two = [](std::int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(time.second / 3600) + ":" + two(time.second / 60 % 60) + ":" + two(time.second % 60);
}

// Dates on which the clock does not show the time exactly once. Each pair of zone and time is searched once.
class OddDates {
 public:
  const std::vector<time::LocalDate>& of(const time::Zone& zone, time::LocalTime time) {
    const auto [entry, fresh] = known_.try_emplace({&zone, time.second});
    if (fresh) {
      const time::LocalDate last = time::date_of(kLastDate);
      for (time::LocalDate date = time::date_of(kFirstDate); date <= last; date = date + 1)
        if (zone.readings(date, time) != 1) entry->second.push_back(date);
    }
    return entry->second;
  }

 private:
  std::map<std::pair<const time::Zone*, std::int32_t>, std::vector<time::LocalDate>> known_;
};

// One time of a window: whose it is, and on which dates it matters.
struct Reading {
  const pack::Pack& pack;
  std::size_t pack_index;
  pack::Position at;
  std::string name;
  const time::Window& window;
  bool ends;        // `to`, not `from`
  bool opens;       // core hours and exceptions begin at the last and end at the first reading
  bool core_hours;  // never on holidays
};

bool matters_on(const Reading& reading, time::LocalDate date) {
  const bool next_date = reading.ends && reading.window.to <= reading.window.from;
  const time::LocalDate begins = next_date ? date + -1 : date;
  if (reading.core_hours && reading.pack.holidays->contains(begins)) return false;
  return time::listed(reading.window.days, *reading.pack.holidays, begins);
}

// The first skipped and the first repeated reading.
void look_at(const Reading& reading, OddDates& odd, Collector& found) {
  const time::LocalTime time = reading.ends ? reading.window.to : reading.window.from;
  const time::Zone& zone = *reading.pack.zone;
  bool skipped = false, repeated = false;
  for (const time::LocalDate date : odd.of(zone, time)) {
    if (!matters_on(reading, date)) continue;
    const bool twice = zone.readings(date, time) > 1;
    if (std::exchange(twice ? repeated : skipped, true)) continue;
    const std::string first = base::format_instant(zone.first_reading(date, time));
    const std::string last = base::format_instant(zone.last_reading(date, time));
    const bool takes_last = reading.ends != reading.opens;
    if (twice) {
      found.add("finding.ambiguous-time", reading.pack_index, reading.at,
                reading.name + " has the local time " + text_of(time) + ", which the clock shows twice on " +
                    text_of(date) + ": at " + first + " and at " + last + "; what counts is " +
                    (takes_last ? last : first),
                "choose a time outside the hour of the clock changes");
    } else {
      found.add("finding.ambiguous-time", reading.pack_index, reading.at,
                reading.name + " has the local time " + text_of(time) + ", which the clock skips on " + text_of(date) +
                    "; what counts is the change at " + first,
                "choose a time outside the hour of the clock changes");
    }
  }
}

void look_at_window(const pack::RuleHead& head, const time::Window& window, bool opens, OddDates& odd,
                    Collector& found) {
  const pack::Pack& pack = found.rules().packs[head.pack];
  const std::string name = "rule '" + head.id + "'";
  if (window.days[time::kHolidayBit] && pack.holidays_name.empty()) {
    found.add("finding.no-calendar", head, name + " names holidays, but its pack no calendar",
              "add holidays = \"DE-NI\" or another place to [pack]");
  }
  if (window.from == window.to) {
    found.add("finding.whole-day", head, name + " begins and ends at the same local time and lasts a whole day",
              "write 00:00:00 twice if that is meant, else correct one of them");
  }
  for (const bool ends : {false, true})
    look_at({pack, head.pack, head.at, name, window, ends, opens, false}, odd, found);
}

}  // namespace

void find_odd_times(Collector& found) {
  OddDates odd;
  const pack::Rules& rules = found.rules();
  for (const pack::RestRule& rule : rules.rests)
    if (rule.kind == pack::RestKind::kWindow) look_at_window(rule.head, rule.window, false, odd, found);
  for (const pack::ExceptionRule& rule : rules.exceptions)
    if (rule.when == pack::ExceptionWhen::kWindow) look_at_window(rule.head, rule.window, true, odd, found);
  for (std::size_t i = 0; i < rules.packs.size(); ++i) {
    const pack::Pack& pack = rules.packs[i];
    if (!pack.schedule) continue;
    for (const time::Window& hours : pack.schedule->hours)
      for (const bool ends : {false, true})
        look_at({pack, i, {}, "[schedule] of pack '" + pack.id + "'", hours, ends, true, true}, odd, found);
  }
}

void find_zones(Collector& found) {
  const pack::Rules& rules = found.rules();
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < rules.packs.size(); ++i) {
    const pack::Pack& pack = rules.packs[i];
    if (!pack.zone) continue;
    if (!first) first = i;
    const pack::Pack& common = rules.packs[*first];
    if (pack.zone->name() == common.zone->name()) continue;
    found.add("finding.zone-differs", i, {},
              "pack '" + pack.id + "' reads the clock in " + pack.zone->name() + ", pack '" + common.id + "' in " +
                  common.zone->name(),
              "name one zone in all packs, unless the people really work in several");
  }
  if (first || (rules.rests.empty() && rules.exceptions.empty())) return;
  const pack::RuleHead& head = rules.rests.empty() ? rules.exceptions.front().head : rules.rests.front().head;
  found.add("finding.no-zone", head.pack, {}, "no pack names a zone, so weeks and explanations follow UTC",
            "add zone = \"Europe/Berlin\" or another name of the tz database to [pack]");
}

}  // namespace policy::check
