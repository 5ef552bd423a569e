// The claims of a pack, exactly: what must hold for one person, as arithmetic on sets of instants. Where the sets come
// from (decide's closings, or decide's answers one by one) is not known here.
//
// `quiet` is where no class of the claim is delivered: each of them is held or silent, since what is silent reaches
// nobody who does not open the app. Time is elapsed time. A stretch is contiguous time that is quiet, free of duty and
// without a break: an interruption that breaks rest according to the claim's `restart` begins at no instant inside it
// (where it begins, one stretch ends and the next begins).
//
//   rest-after-duty   For each merged duty that ends within the span: a stretch of `minimum` that ends before the next
//                     duty begins and begins within kRestBeginsWithin of the duty's end. If a break falls into a
//                     stretch before `minimum` is reached, rest starts anew: the same is asked from that break on.
//                     ArbZG § 5 (1): eleven hours without a break after the end of work.
//   rest-per-24h      For each merged duty that begins within the span: a stretch of `minimum` within the 24 hours from
//                     its begin. Directive 2003/88/EC Art. 3; CJEU C-151/02 Jaeger, nos. 94–95, and C-397/01 Pfeiffer:
//                     rest belongs to the day of work that it follows, so the day is counted from the begin of work.
//   rest-per-week     For each calendar week (Monday to Monday, zone of the claim's pack) that begins within the span
//                     and in which the person has duty: a stretch of `minimum` within the week, anywhere in it.
//                     Directive 2003/88/EC Art. 5; CJEU C-306/16 Maio Marques da Rosa. What reaches over the end of the
//                     week counts as far as it lies within.
//   never-delivers    Quiet all the time that the person is absent (leave, sick), off duty or at all (`during`).
//   at-least-as-protective-as
//                     At no instant and for no class is the effect weaker than that of the named pack alone, its
//                     exceptions included and without what other packs adapt.
//
// Where the time free of duty is itself too short, no rule could help: that is the roster's own breach (kRoster), or
// the interruption's (kInterruption), and counts neither as kept nor as failed.
//
// Pure; no errors.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "policy/time/interval_set.h"

namespace policy::prove {

// 24 − 11 hours: eleven hours that begin by then are complete within a day after work (Directive 2003/88/EC Art. 3).
constexpr base::Seconds kRestBeginsWithin{13 * 3600};

struct Sight {
  std::span<const base::Interval> duties;  // merged, as time::merge_duties() returns them
  std::span<const base::Instant> breaks;   // sorted
  const time::IntervalSet* quiet = nullptr;
};

enum class Cause : std::uint8_t { kRules, kRoster, kInterruption };

// One place where a rest is too short, or where something is delivered that never should be.
struct Shortfall {
  Cause cause = Cause::kRules;
  base::Interval period;  // in which the rest had to lie; what is delivered, for never-delivers and the like
  base::Interval found;   // the longest stretch; the longest time free of duty, where rules are not the cause
  std::optional<base::Interval> before, after;  // the duties around it
};

struct Checked {
  std::uint64_t places = 0;  // duties, weeks or stretches looked at
  std::vector<Shortfall> shortfalls;
};

Checked rest_after_duty(const Sight& sight, base::Seconds minimum, base::Interval span);
Checked rest_per_24h(const Sight& sight, base::Seconds minimum, base::Interval span);
Checked rest_per_week(const Sight& sight, base::Seconds minimum, std::span<const base::Interval> weeks);
// `during`: where it must be quiet.
Checked never_delivers(const Sight& sight, const time::IntervalSet& during);

// Until when duties, breaks and quiet must be known so that the claims on a span are judged right: a rest that begins
// before its end, moved by the breaks that can be linked to it.
base::Instant reach_of(base::Interval span, base::Seconds minimum, std::span<const base::Instant> breaks);

}  // namespace policy::prove
