#include "policy/prove/symbolic/example.h"

#include <algorithm>

namespace policy::prove::symbolic {
namespace {

using base::Instant;
using base::Interval;
using base::kDay;
using base::Seconds;
using model::RosterKind;

constexpr Seconds kShift{8 * 3600};
constexpr Seconds kAround{4 * 3600};          // what lasts around an instant that is asked about
constexpr Seconds kBetweenShifts{16 * 3600};  // with one shift of kShift each day
constexpr Seconds kNever{60LL * 86400};       // duties further away than this need not be written down

class Writer {
 public:
  Writer(const Pattern& pattern, const Values& values) : pattern_(pattern), values_(values) {
    facts_.person = "somebody";
    facts_.groups = values.groups;
  }

  Instant at(std::int64_t s) const { return pattern_.begin + Seconds{s}; }
  void add(RosterKind kind, Interval span) { facts_.roster.push_back({kind, span}); }

  // The duties around the gap. The second one lasts until `until` at least.
  void add_duties(Instant until = base::kBeginningOfTime) {
    const Instant end = at(values_.end), next = at(values_.next);
    if (values_.end > -kNever.count) add(RosterKind::kDuty, {values_.begin ? at(*values_.begin) : end - kShift, end});
    if (values_.next - values_.end < 2 * kNever.count || values_.end <= -kNever.count)
      add(RosterKind::kDuty, {next, std::max(next + kShift, until)});
  }

  // No other rest of `minimum` in the week: a shift each day, or duty all the time where that leaves too long a gap.
  void fill_week(Seconds minimum) {
    const Instant first = pattern_.begin - kDay, last = pattern_.begin + pattern_.length + kDay;
    const Instant end = at(values_.end), next = at(values_.next);
    if (minimum <= kBetweenShifts) {
      if (first < end) add(RosterKind::kDuty, {first, end});
      if (next < last) add(RosterKind::kDuty, {next, last});
      return;
    }
    for (Instant day = end; day > first || day == end; day = day - kDay) add(RosterKind::kDuty, {day - kShift, day});
    for (Instant day = next; day < last || day == next; day = day + kDay) add(RosterKind::kDuty, {day, day + kShift});
  }

  model::PersonFacts finish() {
    if (values_.interruption) {
      const Instant begin = at(*values_.interruption);
      facts_.interruptions.push_back({{begin, begin + Seconds{values_.interrupted_s}}});
    }
    std::ranges::sort(facts_.roster, {}, [](const auto& entry) { return std::tuple(entry.span, entry.kind); });
    return std::move(facts_);
  }

 private:
  const Pattern& pattern_;
  const Values& values_;
  model::PersonFacts facts_;
};

}  // namespace

Example example(const pack::ClaimRule& claim, const Pattern& pattern, const Values& values) {
  Writer writer(pattern, values);
  const auto one_second = [](Instant t) { return Interval{t, t + Seconds{1}}; };
  Interval at;
  switch (claim.kind) {
    case pack::ClaimKind::kRestAfterDuty:
      writer.add_duties();
      at = one_second(writer.at(values.end));
      break;
    case pack::ClaimKind::kRestPer24h:
      at = one_second(writer.at(values.begin.value_or(0)));
      writer.add_duties(at.begin + kDay);  // no other rest within the day
      break;
    case pack::ClaimKind::kRestPerWeek:
      writer.fill_week(claim.minimum.value_or(Seconds{}));
      at = one_second(pattern.begin);
      break;
    default: {
      at = one_second(writer.at(values.at.value_or(0)));
      const Interval around{at.begin - kAround, at.begin + kAround};
      if (values.absent) writer.add(RosterKind::kLeave, around);
      if (values.on_duty)
        writer.add(RosterKind::kDuty, around);
      else
        writer.add_duties();
      if (values.on_call) writer.add(RosterKind::kOnCall, around);
      return {writer.finish(), at};
    }
  }
  if (values.on_call) {
    const std::int64_t from = std::max(values.end, -kNever.count), to = std::min(values.next, from + kNever.count);
    writer.add(RosterKind::kOnCall, {writer.at(from), writer.at(to)});
  }
  return {writer.finish(), at};
}

}  // namespace policy::prove::symbolic
