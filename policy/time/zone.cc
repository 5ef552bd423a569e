#include "policy/time/zone.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>

namespace policy::time {
namespace {

using base::Instant;
using base::Seconds;

constexpr std::int64_t kFirstYear = 1900;       // zones are older than that only on paper
constexpr std::int64_t kLastListedYear = 2037;  // what a 32-bit time_t holds, and zic -b fat writes
constexpr std::int64_t kLastYear = 9999;
constexpr std::int64_t kDaySeconds = 86400;
constexpr Seconds kLargestOffset{26 * 3600};
constexpr Instant kIndexBegins{-2'208'988'800};  // 1900-01-01T00:00:00Z; no stretch but the first begins before
constexpr int kIndexBits = 23;                   // see Zone::nearest_

Instant midnight_utc(std::int64_t year) { return {date_of({year, 1, 1}).days * kDaySeconds}; }

std::int64_t floor_days(std::int64_t seconds) {
  return seconds >= 0 ? seconds / kDaySeconds : -((-seconds + kDaySeconds - 1) / kDaySeconds);
}

std::int64_t local_seconds(LocalDate date, LocalTime time) { return date.days * kDaySeconds + time.second; }

// The date in `year` that lies where `model` lies in its month: the last Sunday stays the last Sunday.
LocalDate same_place(LocalDate model, std::int64_t year) {
  const YearMonthDay civil = civil_of(model);
  const auto wanted = static_cast<std::int64_t>(weekday_of(model));
  const int model_days = days_in_month(civil.year, civil.month);
  const bool from_end = civil.day + 7 > model_days;
  const int start = from_end ? days_in_month(year, civil.month) - 6 : (civil.day - 1) / 7 * 7 + 1;
  const LocalDate first = date_of({year, civil.month, start});
  const std::int64_t shift = (wanted - static_cast<std::int64_t>(weekday_of(first)) + 7) % 7;
  return first + shift;
}

const date::time_zone* locate(std::string_view name) {
  // The library reports an unknown name by an exception; names with a path in them never reach it.
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.find("..") != std::string_view::npos)
    return nullptr;
  for (const char c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                         c == '_' || c == '-' || c == '+';
    if (!allowed) return nullptr;
  }
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

base::Result<Zone> Zone::find(std::string_view name) {
  const date::time_zone* found = locate(name);
  if (found == nullptr) {
    return base::fail("zone.unknown", "time zone '" + base::printable(name) + "'",
                      "a name of the tz database, as Europe/Berlin");
  }
  Zone zone;
  zone.name_ = name;
  const auto end = date::sys_seconds{std::chrono::seconds{midnight_utc(kLastListedYear + 1).unix_s}};
  auto at = date::sys_seconds{std::chrono::seconds{midnight_utc(kFirstYear).unix_s}};
  try {
    Instant begin{std::numeric_limits<std::int64_t>::min() / 2};
    while (at < end) {
      const date::sys_info info = found->get_info(at);
      zone.stretches_.push_back({begin, Seconds{info.offset.count()}, info.abbrev});
      at = info.end;
      begin = Instant{at.time_since_epoch().count()};
    }
  } catch (const std::runtime_error&) {
    return base::fail("zone.unknown", "time zone '" + base::printable(name) + "' whose data cannot be read",
                      "a name of the tz database, as Europe/Berlin");
  }
  zone.repeat_last_year();
  zone.index_stretches();
  return zone;
}

void Zone::repeat_last_year() {
  std::size_t first = stretches_.size();
  while (first > 1 && stretches_[first - 1].begin >= midnight_utc(kLastListedYear)) --first;
  const std::vector<Stretch> models(stretches_.begin() + static_cast<std::ptrdiff_t>(first), stretches_.end());
  Seconds before = stretches_[first - 1].offset;
  for (std::int64_t year = kLastListedYear + 1; year <= kLastYear && !models.empty(); ++year) {
    for (const Stretch& model : models) {
      // `before` is what the clock showed ahead of the change, in the model year as in every later one.
      const std::int64_t local = (model.begin + before).unix_s;
      const LocalDate date{floor_days(local)};
      const Instant begin{same_place(date, year).days * kDaySeconds + (local - date.days * kDaySeconds) - before.count};
      stretches_.push_back({begin, model.offset, model.abbreviation});
      before = model.offset;
    }
  }
}

void Zone::index_stretches() {
  constexpr Seconds kEach{std::int64_t{1} << kIndexBits};
  std::uint32_t at = 0;
  for (Instant begin = kIndexBegins; begin <= base::kEndOfTime; begin = begin + kEach) {
    while (at + 1 < stretches_.size() && stretches_[at + 1].begin <= begin) ++at;
    nearest_.push_back(at);
  }
}

const Zone::Stretch& Zone::stretch_at(Instant instant) const {
  if (instant < kIndexBegins) return stretches_.front();
  const auto wanted = static_cast<std::size_t>((instant - kIndexBegins).count >> kIndexBits);
  const Stretch* at = &stretches_[nearest_[std::min(wanted, nearest_.size() - 1)]];
  while (at != &stretches_.back() && (at + 1)->begin <= instant) ++at;
  return *at;
}

Seconds Zone::offset_at(Instant instant) const { return stretch_at(instant).offset; }
std::string_view Zone::abbreviation_at(Instant instant) const { return stretch_at(instant).abbreviation; }

LocalDate Zone::date_at(Instant instant) const { return {floor_days((instant + offset_at(instant)).unix_s)}; }

LocalTime Zone::time_at(Instant instant) const {
  const std::int64_t local = (instant + offset_at(instant)).unix_s;
  return {static_cast<std::int32_t>(local - floor_days(local) * kDaySeconds)};
}

Instant Zone::first_reading(LocalDate date, LocalTime time) const {
  const std::int64_t local = local_seconds(date, time);
  const Stretch* at = &stretch_at(Instant{local} - kLargestOffset);
  // The first stretch in whose course the clock reaches `local`; if it starts beyond, the clock jumped over it.
  for (;; ++at) {
    const Instant reached = std::max(Instant{local} - at->offset, at->begin);
    if (at == &stretches_.back() || reached < (at + 1)->begin) return reached;
  }
}

Instant Zone::last_reading(LocalDate date, LocalTime time) const {
  const std::int64_t local = local_seconds(date, time);
  const Stretch* at = &stretch_at(Instant{local} + kLargestOffset);
  for (; at != &stretches_.front(); --at) {
    if (at->begin <= Instant{local} - at->offset) {
      // Within this stretch the clock shows it, unless the stretch ends before: then it jumps over it at the end.
      const Instant shown = Instant{local} - at->offset;
      return at == &stretches_.back() ? shown : std::min(shown, (at + 1)->begin);
    }
  }
  return Instant{local} - at->offset;
}

std::vector<Instant> Zone::changes_in(base::Interval span) const {
  std::vector<Instant> found;
  for (const Stretch* at = &stretch_at(span.begin) + 1; at <= &stretches_.back() && at->begin < span.end; ++at)
    if (at->offset != (at - 1)->offset) found.push_back(at->begin);
  return found;
}

int Zone::readings(LocalDate date, LocalTime time) const {
  const std::int64_t local = local_seconds(date, time);
  const Stretch* at = &stretch_at(Instant{local} - kLargestOffset);
  const Stretch* last = &stretch_at(Instant{local} + kLargestOffset);
  int count = 0;
  for (; at <= last; ++at) {
    const Instant shown = Instant{local} - at->offset;
    const bool before_end = at == &stretches_.back() || shown < (at + 1)->begin;
    if (at->begin <= shown && before_end) ++count;
  }
  return count;
}

std::vector<Instant> Zone::clock_changes(base::Interval span) const {
  std::vector<Instant> changes;
  for (std::size_t i = 1; i < stretches_.size(); ++i)
    if (span.contains(stretches_[i].begin) && stretches_[i].offset != stretches_[i - 1].offset)
      changes.push_back(stretches_[i].begin);
  return changes;
}

std::optional<OddReading> first_odd_reading(const Zone& zone, LocalTime time, std::int64_t from_year,
                                            std::int64_t to_year) {
  const LocalDate end = date_of({to_year + 1, 1, 1});
  for (LocalDate date = date_of({from_year, 1, 1}); date < end; date = date + 1) {
    const int readings = zone.readings(date, time);
    if (readings != 1) return OddReading{date, readings};
  }
  return std::nullopt;
}

}  // namespace policy::time
