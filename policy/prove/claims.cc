#include "policy/prove/claims.h"

#include <algorithm>

namespace policy::prove {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;

Seconds length(const Interval& i) { return i.empty() ? Seconds{} : i.end - i.begin; }

void keep_longer(Interval& best, const Interval& other) {
  if (length(best) < length(other)) best = other;
}

// The first interval that ends after `instant`.
template <typename Range>
auto first_ending_after(const Range& sorted, Instant instant) {
  return std::partition_point(sorted.begin(), sorted.end(), [&](const Interval& i) { return i.end <= instant; });
}

// The first break strictly inside; `otherwise` if there is none.
Instant first_break(std::span<const Instant> breaks, const Interval& inside, Instant otherwise) {
  const auto found = std::ranges::upper_bound(breaks, inside.begin);
  return found != breaks.end() && *found < inside.end ? *found : otherwise;
}

// What became of one rest after a duty.
struct Search {
  bool kept = false;
  Instant anchor;  // the duty's end, or the last break that restarted the rest
  Interval longest;
};

// One attempt from `anchor` to `limit`. Gives the break that ended it early, if one did.
std::optional<Instant> attempt(const Sight& sight, Seconds minimum, Instant limit, Search& search) {
  const auto& quiet = sight.quiet->intervals();
  search.longest = {search.anchor, search.anchor};
  for (auto q = first_ending_after(quiet, search.anchor); q != quiet.end(); ++q) {
    const Interval whole{std::max(q->begin, search.anchor), std::min(q->end, limit)};
    if (whole.begin > search.anchor + kRestBeginsWithin || whole.empty()) break;
    const Instant broken = first_break(sight.breaks, whole, whole.end);
    keep_longer(search.longest, {whole.begin, broken});
    if (broken - whole.begin >= minimum) {
      search.kept = true;
      return std::nullopt;
    }
    if (broken < whole.end) return broken;
  }
  return std::nullopt;
}

Search search_after(const Sight& sight, Seconds minimum, Instant duty_end, Instant limit) {
  Search search{false, duty_end, {}};
  while (const auto broken = attempt(sight, minimum, limit, search)) search.anchor = *broken;
  return search;
}

// The longest stretches within a period: free of duty, also without a break, also quiet.
struct Longest {
  Interval free, unbroken, quiet;
  std::optional<Interval> before, after;  // the duties around `free`
};

class PeriodReading {
 public:
  PeriodReading(const Sight& sight, const Interval& period) : sight_(sight) {
    auto duty = first_ending_after(sight.duties, period.begin);
    std::optional<Interval> before;
    if (duty != sight.duties.begin()) before = *std::prev(duty);
    Instant from = period.begin;
    for (; duty != sight.duties.end() && duty->begin < period.end; ++duty) {
      read_free({from, duty->begin}, before, *duty);
      from = std::max(from, duty->end);
      before = *duty;
    }
    read_free({from, period.end}, before, duty == sight.duties.end() ? std::nullopt : std::optional(*duty));
  }
  const Longest& longest() const { return longest_; }

 private:
  void read_free(Interval piece, const std::optional<Interval>& before, const std::optional<Interval>& after) {
    if (piece.empty()) return;
    if (length(longest_.free) < length(piece)) {
      longest_.free = piece;
      longest_.before = before;
      longest_.after = after;
    }
    while (!piece.empty()) {
      const Instant broken = first_break(sight_.breaks, piece, piece.end);
      read_unbroken({piece.begin, broken});
      piece.begin = broken;
    }
  }

  void read_unbroken(const Interval& piece) {
    keep_longer(longest_.unbroken, piece);
    const auto& quiet = sight_.quiet->intervals();
    for (auto q = first_ending_after(quiet, piece.begin); q != quiet.end() && q->begin < piece.end; ++q)
      keep_longer(longest_.quiet, {std::max(q->begin, piece.begin), std::min(q->end, piece.end)});
  }

  const Sight& sight_;
  Longest longest_;
};

void judge_period(const Sight& sight, Seconds minimum, const Interval& period, Checked& checked) {
  ++checked.places;
  const Longest longest = PeriodReading(sight, period).longest();
  if (length(longest.quiet) >= minimum) return;
  Shortfall shortfall{Cause::kRules, period, longest.quiet, longest.before, longest.after};
  if (length(longest.unbroken) < minimum) {
    shortfall.cause = length(longest.free) < minimum ? Cause::kRoster : Cause::kInterruption;
    shortfall.found = shortfall.cause == Cause::kRoster ? longest.free : longest.unbroken;
  }
  checked.shortfalls.push_back(shortfall);
}

}  // namespace

Checked rest_after_duty(const Sight& sight, Seconds minimum, Interval span) {
  Checked checked;
  for (auto duty = sight.duties.begin(); duty != sight.duties.end(); ++duty) {
    if (!span.contains(duty->end)) continue;
    ++checked.places;
    const auto next = std::next(duty);
    const bool last = next == sight.duties.end();
    const Instant limit = last ? base::kEndOfTime : next->begin;
    const Search search = search_after(sight, minimum, duty->end, limit);
    if (search.kept) continue;
    const Instant deadline = std::min(limit, search.anchor + kRestBeginsWithin + minimum);
    Shortfall shortfall{Cause::kRules, {search.anchor, deadline}, search.longest, *duty, std::nullopt};
    if (!last) shortfall.after = *next;
    if (limit - duty->end < minimum) {
      shortfall = {Cause::kRoster, {duty->end, limit}, {duty->end, limit}, *duty, shortfall.after};
    } else if (limit - search.anchor < minimum) {
      shortfall.cause = Cause::kInterruption;
      shortfall.found = {search.anchor, limit};
    }
    checked.shortfalls.push_back(shortfall);
  }
  return checked;
}

Checked rest_per_24h(const Sight& sight, Seconds minimum, Interval span) {
  Checked checked;
  for (const Interval& duty : sight.duties)
    if (span.contains(duty.begin)) judge_period(sight, minimum, {duty.begin, duty.begin + base::kDay}, checked);
  return checked;
}

Checked rest_per_week(const Sight& sight, Seconds minimum, std::span<const Interval> weeks) {
  Checked checked;
  for (const Interval& week : weeks) {
    const auto duty = first_ending_after(sight.duties, week.begin);
    if (duty != sight.duties.end() && duty->begin < week.end) judge_period(sight, minimum, week, checked);
  }
  return checked;
}

Checked never_delivers(const Sight& sight, const time::IntervalSet& during) {
  Checked checked{during.intervals().size(), {}};
  const time::IntervalSet loud = time::subtract(during, *sight.quiet);
  for (const Interval& delivered : loud.intervals())
    checked.shortfalls.push_back({Cause::kRules, delivered, {delivered.begin, delivered.begin}, {}, {}});
  return checked;
}

Instant reach_of(Interval span, Seconds minimum, std::span<const Instant> breaks) {
  const Seconds once = std::max(kRestBeginsWithin + minimum, Seconds{8 * base::kDay.count});  // a week and its change
  Instant reach = span.end + once;
  for (const Instant at : breaks)
    if (at >= span.end && at <= reach) reach = std::max(reach, at + once);
  return reach;
}

}  // namespace policy::prove
