#include "audit/prune/retention.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "audit/event/record.h"

namespace audit::prune {
namespace {

namespace chrono = std::chrono;
using policy::base::Instant;

Instant begin_of(chrono::year_month_day day) {
  if (!day.ok()) day = day.year() / day.month() / chrono::last;
  return {chrono::sys_seconds(chrono::sys_days(day)).time_since_epoch().count()};
}

}  // namespace

Instant end_of(event::Deadline deadline, std::uint64_t hour) {
  // A leaf's hour has 32 bits: up to the year 491 936, beyond which chrono's years end; such an entry never goes.
  const std::uint64_t days = hour / 24;
  if (hour >= static_cast<std::uint64_t>(policy::base::kEndOfTime.unix_s) / 3600) return policy::base::kEndOfTime;
  const chrono::year_month_day day{chrono::sys_days(chrono::days(static_cast<std::int64_t>(days)))};
  switch (deadline) {
    case event::Deadline::kEndOfFollowingYear:
      return begin_of((day.year() + chrono::years(2)) / chrono::January / 1) + policy::base::kDay;
    case event::Deadline::kThreeMonths:
      return begin_of(day + chrono::months(3)) + policy::base::kDay + policy::base::kDay;
    case event::Deadline::kTwoYears: return begin_of(day + chrono::years(2)) + policy::base::kDay + policy::base::kDay;
  }
  std::abort();  // all deadlines are above
}

Instant prunable_from(std::uint64_t hour) {
  Instant latest{};
  for (const auto& declaration : event::declarations())
    for (const auto& field : declaration.fields) latest = std::max(latest, end_of(field.deadline, hour));
  return latest;
}

}  // namespace audit::prune
