#include "policy/prove/symbolic/calendar.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace policy::prove::symbolic {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using time::IntervalSet;
using time::LocalDate;

constexpr std::int64_t kDaysAtOnce = 400;  // windows are expanded for so many dates at a time

using Windows = std::vector<IntervalSet>;

// What of each set lies within `within`, as seconds from `begin`.
std::vector<std::vector<Interval>> relative(const Windows& windows, Interval within, Instant begin) {
  std::vector<std::vector<Interval>> out(windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto& all = windows[i].intervals();
    auto at = std::partition_point(all.begin(), all.end(), [&](const Interval& w) { return w.end <= within.begin; });
    for (; at != all.end() && at->begin < within.end; ++at) {
      out[i].push_back({{std::max(at->begin, within.begin).unix_s - begin.unix_s},
                        {std::min(at->end, within.end).unix_s - begin.unix_s}});
    }
  }
  return out;
}

struct Expanded {
  Windows rests, exceptions;
};

Expanded expand(const pack::Rules& rules, const Wanted& wanted, Interval span) {
  Expanded out{Windows(rules.rests.size()), Windows(rules.exceptions.size())};
  for (std::size_t i = 0; i < rules.rests.size(); ++i) {
    const pack::RestRule& rest = rules.rests[i];
    const pack::Pack& pack = rules.packs[rest.head.pack];
    if (wanted.rests[i] && rest.kind == pack::RestKind::kWindow)
      out.rests[i] = time::closings(rest.window, *pack.zone, *pack.holidays, span);
  }
  for (std::size_t i = 0; i < rules.exceptions.size(); ++i) {
    const pack::ExceptionRule& exception = rules.exceptions[i];
    const pack::Pack& pack = rules.packs[exception.head.pack];
    if (wanted.exceptions[i] && exception.when == pack::ExceptionWhen::kWindow)
      out.exceptions[i] = time::openings(exception.window, *pack.zone, *pack.holidays, span);
  }
  return out;
}

}  // namespace

std::vector<Pattern> patterns(const pack::Rules& rules, const time::Zone& zone, const Wanted& wanted) {
  using Key = std::tuple<Seconds, std::vector<std::vector<Interval>>, std::vector<std::vector<Interval>>>;
  std::map<Key, Instant> found;
  const std::int64_t step = wanted.weeks ? 7 : 1;
  LocalDate date = time::date_of({kFirstYear, 1, 1});
  if (wanted.weeks) date = time::monday_of_week(date + 6);
  const LocalDate end = time::date_of({kLastYear + 1, 1, 1});
  while (date < end) {
    const LocalDate stop = std::min(date + kDaysAtOnce * step, end);
    const Seconds margin{2 * base::kDay.count};
    const Interval span{zone.first_reading(date, {}) - wanted.before - margin,
                        zone.first_reading(stop + step, {}) + wanted.after + margin};
    const Expanded all = expand(rules, wanted, span);
    for (; date < stop; date = date + step) {
      const Instant begin = zone.first_reading(date, {}), next = zone.first_reading(date + step, {});
      const Interval within{begin - wanted.before, next + wanted.after};
      found.try_emplace({next - begin, relative(all.rests, within, begin), relative(all.exceptions, within, begin)},
                        begin);
    }
  }
  std::vector<Pattern> out;
  for (const auto& [key, begin] : found) out.push_back({begin, std::get<0>(key), std::get<1>(key), std::get<2>(key)});
  std::ranges::sort(out, {}, &Pattern::begin);
  return out;
}

}  // namespace policy::prove::symbolic
