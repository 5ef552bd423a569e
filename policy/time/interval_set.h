// A set of instants, kept as half-open intervals that are sorted, non-empty and apart from each other: two sets are
// equal exactly when they hold the same instants. Values.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "policy/base/instant.h"

namespace policy::time {

using base::Instant;
using base::Interval;
using base::Seconds;

class IntervalSet {
 public:
  IntervalSet() = default;
  // Any order, overlapping or touching; empty intervals are dropped.
  explicit IntervalSet(std::vector<Interval> intervals);

  const std::vector<Interval>& intervals() const { return intervals_; }
  std::vector<Interval> take() && { return std::move(intervals_); }
  bool empty() const { return intervals_.empty(); }
  bool contains(Instant instant) const;
  bool meets(Interval interval) const;  // has at least one instant in common
  bool operator==(const IntervalSet&) const = default;

 private:
  std::vector<Interval> intervals_;
};

IntervalSet unite(const IntervalSet& a, const IntervalSet& b);
IntervalSet intersect(const IntervalSet& a, const IntervalSet& b);
IntervalSet subtract(const IntervalSet& from, const IntervalSet& what);
IntervalSet clip(IntervalSet set, Interval to);
// What of `within` is not in `set`.
IntervalSet complement(const IntervalSet& set, Interval within);

}  // namespace policy::time
