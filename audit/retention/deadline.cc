#include "audit/retention/deadline.h"

#include <algorithm>
#include <chrono>
#include <initializer_list>

#include "audit/event/codec.h"

namespace audit::retention {
namespace {

using event::Deadline;
using policy::base::Instant;

consteval bool same(std::initializer_list<Deadline> deadlines) {
  return std::ranges::all_of(deadlines, [&](Deadline one) { return one == *deadlines.begin(); });
}

#define RECORD(number, Name, id, en, de) static_assert(same({
#define FIELD(Type, name, en, de, purpose, basis, deadline) Deadline::deadline,
#define END_RECORD \
  }), "the fields of a record share one deadline, as they share one key");
#include "audit/event/records.def"
#undef RECORD
#undef FIELD
#undef END_RECORD

std::chrono::sys_seconds at(std::int64_t unix_s) { return std::chrono::sys_seconds(std::chrono::seconds(unix_s)); }

Instant plus_months(std::chrono::sys_seconds from, int months) {
  const auto day = std::chrono::floor<std::chrono::days>(from);
  auto date = std::chrono::year_month_day(day) + std::chrono::months(months);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return {(std::chrono::sys_days(date) + (from - day)).time_since_epoch().count()};
}

Instant end_of_following_year(std::chrono::sys_seconds of) {
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(of)).year();
  const std::chrono::sys_seconds end = std::chrono::sys_days((year + std::chrono::years(2)) / 1 / 1);
  return {end.time_since_epoch().count()};
}

}  // namespace

Deadline deadline_of(event::RecordType type) {
  const auto& fields = event::declaration_of(type).fields;
  return fields.empty() ? Deadline::kEndOfFollowingYear : fields.front().deadline;
}

Instant due(Deadline deadline, std::uint32_t hour) {
  const auto begin = at(std::int64_t{hour} * 3600), end = begin + std::chrono::hours(1);
  switch (deadline) {
    case Deadline::kThreeMonths: return plus_months(end, 3);
    case Deadline::kTwoYears: return plus_months(end, 24);
    case Deadline::kEndOfFollowingYear: break;
  }
  return end_of_following_year(begin);
}

// due() never goes down from one hour to the next.
std::uint32_t first_kept_hour(Deadline deadline, Instant now) {
  std::uint32_t first = 0, count = event::hour_of(now);
  while (count > 0) {
    const std::uint32_t half = count / 2;
    if (due(deadline, first + half) <= now) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

}  // namespace audit::retention
