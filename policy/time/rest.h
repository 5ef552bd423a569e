// The calculus of rest: duties merged, and the closings that follow from them (design § 4 "The closings, exactly").
// Rest is elapsed time: nothing here knows a zone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "policy/time/interval_set.h"

namespace policy::time {

// Entries less than `gap` apart are one duty; touching and overlapping ones always are. Sorted, apart from each other.
std::vector<Interval> merge_duties(std::vector<Interval> entries, Seconds gap);

struct Restart {
  enum class When : std::uint8_t { kAlways, kNever, kLongerThan };
  When when = When::kAlways;
  Seconds threshold{0};  // kLongerThan: an interruption of exactly this length does not restart
  bool operator==(const Restart&) const = default;
};

struct RestTerms {
  Seconds minimum{0};
  Seconds grace{0};  // the closing begins this long after the duty
  Seconds lead{0};   // and ends at the latest this long before the next
  Restart restart;
  bool operator==(const RestTerms&) const = default;
};

// [e + grace, min(e + grace + minimum, b' − lead)) after each duty [b, e) with the next duty [b', e'). An interruption
// that begins at t inside a closing moves its end to min(t + minimum, b' − lead) when that is later; a moved closing
// can be interrupted again. `duties` as merge_duties() returns them; `interruptions` sorted by begin.
IntervalSet rest_after_duty(std::span<const Interval> duties, std::span<const Interval> interruptions,
                            const RestTerms& terms);

// Everything in `within` outside ∪ [b − lead, e + grace).
IntervalSet off_duty(std::span<const Interval> duties, Seconds grace, Seconds lead, Interval within);

// The earliest end of a duty whose rest could still last at `now`, given that interruptions may have moved its end.
Instant earliest_relevant_end(Instant now, std::span<const Interval> interruptions, const RestTerms& terms);

}  // namespace policy::time
