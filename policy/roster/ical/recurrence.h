// Recurrence rules (RFC 5545 § 3.3.10) of rosters: which days a rule names.
//
// Read are FREQ=DAILY, WEEKLY, MONTHLY and YEARLY with INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYMONTHDAY, BYYEARDAY,
// BYDAY and BYSETPOS, where the RFC's table allows them. Refused, because no roster needs them and a few bytes of them
// can cost hours: FREQ below a day, BYHOUR, BYMINUTE, BYSECOND, BYWEEKNO, and BYSETPOS of days and weeks. Times of day
// are not libical's business here: it counts days, and our own zones make instants of them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/roster/ical/moment.h"

namespace policy::roster::ical {

constexpr std::size_t kRecurrencesMax = 20'000;          // of one event: every day for 54 years
constexpr std::size_t kRecurrencesPerFileMax = 500'000;  // of all events of a file
// Days between the first and the last possible recurrence, summed up over the rules of a file: libical needs at most
// about 20 µs for each, whatever the rule.
constexpr std::int64_t kRecurrenceDaysPerFileMax = 1'000'000;

enum class Frequency : std::uint8_t { kDaily, kWeekly, kMonthly, kYearly };

struct ByDay {
  int position = 0;  // 2: the second of the month or year; −1: the last; 0: each
  time::Weekday weekday = time::Weekday::kMonday;
};

struct Rule {
  Frequency frequency = Frequency::kDaily;
  int interval = 1;
  std::optional<std::size_t> count;
  std::optional<WallClock> until;
  time::Weekday week_start = time::Weekday::kMonday;
  std::vector<int> months, month_days, year_days, positions;
  std::vector<ByDay> days;
};

// An error and where in the text it is.
struct RuleFault {
  std::size_t offset = 0;
  base::Error error;
};
// Errors: ical.recurrence.
std::expected<Rule, RuleFault> parse_rule(std::string_view text);

// The days of the rule from `first` to `last`, both included, by the table of the RFC alone, and no more than `max` or
// COUNT of them. Without regard to UNTIL.
std::vector<time::LocalDate> read_by_the_table(const Rule& rule, time::LocalDate first, time::LocalDate last,
                                               std::size_t max);

// The same, as libical and the table both say it. Where they differ the rule is refused: libical 3.0 misreads some rare
// ones (negative days of daily rules, days of the month of yearly rules without months, intervals of weeks that begin
// on odd days), and a roster with a wrong day is worse than none. Refused is also a rule that does not name `first`,
// because the RFC leaves undefined what is meant then, and one that names more than `max` days.
// Error: ical.recurrence.
base::Result<std::vector<time::LocalDate>> expand(const Rule& rule, time::LocalDate first, time::LocalDate last,
                                                  std::size_t max);

}  // namespace policy::roster::ical
