#include "policy/time/rest.h"

#include <algorithm>

namespace policy::time {
namespace {

bool restarts(const Restart& restart, const Interval& interruption) {
  switch (restart.when) {
    case Restart::When::kAlways: return true;
    case Restart::When::kNever: return false;
    case Restart::When::kLongerThan: return interruption.end - interruption.begin > restart.threshold;
  }
  return true;
}

}  // namespace

std::vector<Interval> merge_duties(std::vector<Interval> entries, Seconds gap) {
  std::erase_if(entries, [](const Interval& i) { return i.empty(); });
  if (!std::ranges::is_sorted(entries)) std::ranges::sort(entries);
  auto kept = entries.begin();
  for (auto next = entries.begin(); next != entries.end(); ++next) {
    const bool first = kept == entries.begin();
    if (!first && (next->begin <= std::prev(kept)->end || next->begin - std::prev(kept)->end < gap)) {
      std::prev(kept)->end = std::max(std::prev(kept)->end, next->end);
    } else {
      *kept++ = *next;
    }
  }
  entries.erase(kept, entries.end());
  return entries;
}

IntervalSet rest_after_duty(std::span<const Interval> duties, std::span<const Interval> interruptions,
                            const RestTerms& terms) {
  std::vector<Interval> rests;
  rests.reserve(duties.size());
  auto interruption = interruptions.begin();
  for (std::size_t i = 0; i < duties.size(); ++i) {
    const Instant latest = i + 1 < duties.size() ? duties[i + 1].begin - terms.lead : base::kEndOfTime;
    const Instant begin = duties[i].end + terms.grace;
    Interval rest{begin, std::min(begin + terms.minimum, latest)};
    while (interruption != interruptions.end() && interruption->begin < begin) ++interruption;
    for (; interruption != interruptions.end() && interruption->begin < rest.end; ++interruption) {
      if (!restarts(terms.restart, *interruption)) continue;
      rest.end = std::max(rest.end, std::min(interruption->begin + terms.minimum, latest));
    }
    rests.push_back(rest);
  }
  return IntervalSet(std::move(rests));
}

IntervalSet off_duty(std::span<const Interval> duties, Seconds grace, Seconds lead, Interval within) {
  std::vector<Interval> open;
  open.reserve(duties.size());
  for (const Interval& duty : duties) open.push_back({duty.begin - lead, duty.end + grace});
  return complement(IntervalSet(std::move(open)), within);
}

Instant earliest_relevant_end(Instant now, std::span<const Interval> interruptions, const RestTerms& terms) {
  // A rest in force at `now` ended at most minimum after its duty or after its last interruption, which in turn fell
  // into a rest in force then; so walk the interruptions backwards for as long as they can be linked.
  Instant in_force = now;
  for (auto at = interruptions.rbegin(); at != interruptions.rend(); ++at) {
    if (at->begin > in_force) continue;
    if (at->begin + terms.minimum < in_force) break;
    in_force = at->begin;
  }
  return in_force - terms.minimum - terms.grace;
}

}  // namespace policy::time
