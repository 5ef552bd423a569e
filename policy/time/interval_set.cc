#include "policy/time/interval_set.h"

#include <algorithm>

namespace policy::time {

IntervalSet::IntervalSet(std::vector<Interval> intervals) : intervals_(std::move(intervals)) {
  std::erase_if(intervals_, [](const Interval& i) { return i.empty(); });
  if (!std::ranges::is_sorted(intervals_)) std::ranges::sort(intervals_);
  // In place: what is kept never outruns what is read.
  auto kept = intervals_.begin();
  for (auto next = intervals_.begin(); next != intervals_.end(); ++next) {
    if (kept != intervals_.begin() && next->begin <= std::prev(kept)->end) {
      std::prev(kept)->end = std::max(std::prev(kept)->end, next->end);
    } else {
      *kept++ = *next;
    }
  }
  intervals_.erase(kept, intervals_.end());
}

bool IntervalSet::contains(Instant instant) const {
  const auto after = std::ranges::upper_bound(intervals_, instant, {}, &Interval::begin);
  return after != intervals_.begin() && std::prev(after)->contains(instant);
}

bool IntervalSet::meets(Interval interval) const {
  if (interval.empty()) return false;
  const auto first = std::ranges::upper_bound(intervals_, interval.begin, {}, &Interval::end);
  return first != intervals_.end() && first->begin < interval.end;
}

IntervalSet unite(const IntervalSet& a, const IntervalSet& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  std::vector<Interval> all(a.intervals().size() + b.intervals().size());
  std::ranges::merge(a.intervals(), b.intervals(), all.begin());
  return IntervalSet(std::move(all));
}

IntervalSet intersect(const IntervalSet& a, const IntervalSet& b) {
  std::vector<Interval> both;
  auto i = a.intervals().begin(), j = b.intervals().begin();
  while (i != a.intervals().end() && j != b.intervals().end()) {
    both.push_back({std::max(i->begin, j->begin), std::min(i->end, j->end)});
    if (i->end < j->end)
      ++i;
    else
      ++j;
  }
  return IntervalSet(std::move(both));
}

IntervalSet subtract(const IntervalSet& from, const IntervalSet& what) {
  std::vector<Interval> left;
  left.reserve(from.intervals().size() + what.intervals().size());
  auto hole = what.intervals().begin();
  const auto holes_end = what.intervals().end();
  for (Interval rest : from.intervals()) {
    while (hole != holes_end && hole->end <= rest.begin) ++hole;
    for (auto cut = hole; cut != holes_end && cut->begin < rest.end; ++cut) {
      if (rest.begin < cut->begin) left.push_back({rest.begin, cut->begin});
      rest.begin = std::max(rest.begin, cut->end);
    }
    if (!rest.empty()) left.push_back(rest);
  }
  return IntervalSet(std::move(left));
}

IntervalSet clip(IntervalSet set, Interval to) {
  std::vector<Interval> inside = std::move(set).take();
  for (Interval& i : inside) i = {std::max(i.begin, to.begin), std::min(i.end, to.end)};
  return IntervalSet(std::move(inside));
}

IntervalSet complement(const IntervalSet& set, Interval within) { return subtract(IntervalSet({within}), set); }

}  // namespace policy::time
