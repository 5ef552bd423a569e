#include "policy/diff/scenario.h"

#include <algorithm>
#include <array>
#include <set>

namespace policy::diff {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::RosterKind;
using time::LocalDate;
using time::LocalTime;

constexpr Seconds kMargin{15 * 86400};  // duties before and after the span, so that its edges are like the rest of it

constexpr LocalTime clock(int hour) { return {hour * 3600}; }

// Writes entries by local dates.
class Writer {
 public:
  Writer(const time::Zone& zone, Interval span)
      : zone_(zone),
        first_(time::monday_of_week(zone.date_at(span.begin - kMargin))),
        last_(zone.date_at(span.end + kMargin)) {}

  // On each of these weekdays (0 Monday), to the next date if `to` is not later.
  std::vector<Interval> weekly(std::initializer_list<int> weekdays, LocalTime from, LocalTime to) const {
    std::vector<Interval> out;
    for (LocalDate monday = first_; monday <= last_; monday = monday + 7)
      for (const int day : weekdays)
        out.push_back(
            {zone_.last_reading(monday + day, from), zone_.first_reading(monday + day + (to <= from ? 1 : 0), to)});
    return out;
  }
  Interval all() const { return {zone_.first_reading(first_, {}), zone_.last_reading(last_, {})}; }

 private:
  const time::Zone& zone_;
  LocalDate first_, last_;
};

void add(model::PersonFacts& facts, RosterKind kind, const std::vector<Interval>& spans) {
  for (const Interval& span : spans) facts.roster.push_back({kind, span});
  std::ranges::stable_sort(facts.roster, {}, [](const auto& entry) { return entry.span.begin; });
}

// Every duration of either set at which something may change.
std::set<Seconds> durations_of(const pack::Rules& rules) {
  std::set<Seconds> out{base::kHour};
  for (const pack::DutyView& view : rules.duty_views) out.insert(view.gap);
  for (const pack::RestRule& rest : rules.rests) {
    const time::RestTerms& t = rest.terms;
    out.insert({t.minimum, t.grace, t.lead, t.restart.threshold, t.minimum + t.grace, t.minimum + t.lead,
                t.grace + t.lead, t.minimum + t.grace + t.lead});
  }
  return out;
}

std::vector<Seconds> durations_of(const pack::Rules& before, const pack::Rules& after) {
  std::set<Seconds> all = durations_of(before);
  all.merge(durations_of(after));
  all.erase(Seconds{0});
  return {all.begin(), all.end()};
}

bool any_exception(const pack::Rules& before, const pack::Rules& after, pack::ExceptionWhen when) {
  const auto is = [&](const pack::ExceptionRule& rule) { return rule.when == when; };
  return std::ranges::any_of(before.exceptions, is) || std::ranges::any_of(after.exceptions, is);
}

Scenario made(Life life, Interval span) { return {life, 0, span, {}}; }

Scenario on_call(const Writer& writer, Interval span) {
  Scenario out = made(Life::kOnCall, span);
  const std::vector<Interval> duties = writer.weekly({0, 1, 2, 3, 4}, clock(8), clock(16));
  add(out.facts, RosterKind::kDuty, duties);
  std::vector<Interval> between;
  for (std::size_t i = 1; i < duties.size(); ++i) between.push_back({duties[i - 1].end, duties[i].begin});
  add(out.facts, RosterKind::kOnCall, between);
  return out;
}

Scenario called_out(const Writer& writer, Interval span, const std::vector<Seconds>& thresholds) {
  Scenario out = made(Life::kCalledOut, span);
  add(out.facts, RosterKind::kDuty, writer.weekly({0, 1, 2, 3, 4}, clock(8), clock(16)));
  std::size_t next = 0;
  for (const Interval& night : writer.weekly({0, 1, 2, 3, 4, 5, 6}, clock(23), clock(8)))
    out.facts.interruptions.push_back({{night.begin, night.begin + thresholds[next++ % thresholds.size()]}});
  return out;
}

// What separates one threshold from another: nothing at all, and just above each of them.
std::vector<Seconds> call_lengths(const pack::Rules& before, const pack::Rules& after) {
  std::set<Seconds> out{Seconds{0}};
  for (const pack::Rules* rules : {&before, &after})
    for (const pack::RestRule& rest : rules->rests) {
      out.insert(rest.terms.restart.threshold);
      out.insert(rest.terms.restart.threshold + Seconds{1});
    }
  return {out.begin(), out.end()};
}

// Hours of the evening on which the ordinary lives have them.
constexpr int kOverridesFrom = 19;
constexpr int kOpensFrom = 20;

bool same_override(const pack::ExceptionRule& a, const pack::ExceptionRule& b) {
  return a.head.id == b.head.id && a.role == b.role && a.reasons == b.reasons && a.longest == b.longest;
}

// One every day of a week, from this hour on, so that limits up to seven show, longer than the rule allows, each with
// the next reason of its list. What both sets know is granted once.
void add_overrides(const pack::Rules& before, const pack::Rules& after, const Writer& writer, int hour,
                   model::PersonFacts& facts) {
  std::vector<const pack::ExceptionRule*> known;
  for (const pack::Rules* rules : {&before, &after}) {
    for (const pack::ExceptionRule& rule : rules->exceptions) {
      if (rule.when != pack::ExceptionWhen::kOverride || rule.reasons.empty()) continue;
      if (std::ranges::any_of(known, [&](const auto* other) { return same_override(*other, rule); })) continue;
      known.push_back(&rule);
      std::size_t reason = 0;
      for (const Interval& day : writer.weekly({0, 1, 2, 3, 4, 5, 6}, clock(hour), clock((hour + 1) % 24)))
        facts.overrides.push_back({rule.head.id,
                                   rule.role,
                                   rule.reasons[reason++ % rule.reasons.size()],
                                   {day.begin, day.begin + rule.longest + base::kHour}});
    }
  }
  std::ranges::stable_sort(facts.overrides, {}, [](const auto& entry) { return entry.span.begin; });
}

// Every day from this hour on, for longer than either set allows.
void add_self_openings(const pack::Rules& before, const pack::Rules& after, const Writer& writer, int hour,
                       model::PersonFacts& facts) {
  Seconds longest;
  for (const pack::Rules* rules : {&before, &after})
    for (const pack::ExceptionRule& rule : rules->exceptions)
      if (rule.when == pack::ExceptionWhen::kSelfOpen) longest = std::max(longest, rule.longest);
  for (const Interval& day : writer.weekly({0, 1, 2, 3, 4, 5, 6}, clock(hour), clock((hour + 1) % 24)))
    facts.self_openings.push_back({{day.begin, day.begin + longest + base::kHour}});
}

// The multiplier and increment of Knuth's MMIX; the order of the mixed rosters, and nothing else, depends on them.
class Order {
 public:
  explicit Order(std::uint64_t seed) : state_(seed) { below(2); }
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state_ >> 33) % n);
  }
  Seconds near(const std::vector<Seconds>& durations) {
    const Seconds chosen = durations[below(durations.size())];
    constexpr std::array<std::int64_t, 6> kBeside{0, -1, 1, -60, 60, 1800};
    return std::max(chosen + Seconds{kBeside[below(kBeside.size())]}, Seconds{0});
  }

 private:
  std::uint64_t state_;
};

void add_layer(Order& order, Interval over, RosterKind kind, model::PersonFacts& facts) {
  for (Instant at = over.begin; at < over.end;) {
    const Seconds length{static_cast<std::int64_t>(3600 * (1 + order.below(60)))};
    facts.roster.push_back({kind, {at, at + length}});
    at = at + length + Seconds{static_cast<std::int64_t>(1800 * (1 + order.below(100)))};
  }
}

Scenario mixed(const pack::Rules& before, const pack::Rules& after, Interval span, std::size_t number) {
  Order order(number + 1);
  Scenario out{Life::kMixed, number, span, {}};
  const std::vector<Seconds> durations = durations_of(before, after);
  const std::vector<Seconds> lengths = call_lengths(before, after);
  const Interval over{span.begin - base::kDay, span.end + base::kDay};
  Instant at = over.begin;
  while (at < over.end) {
    const Seconds length =
        order.below(3) == 0 ? order.near(durations) : Seconds{600 * (1 + static_cast<std::int64_t>(order.below(80)))};
    if (length > Seconds{0}) out.facts.roster.push_back({RosterKind::kDuty, {at, at + length}});
    at = at + length;
    const Seconds free =
        order.below(8) == 0 ? Seconds{static_cast<std::int64_t>(86400 * (1 + order.below(16)))} : order.near(durations);
    if (order.below(2) == 0 && free > Seconds{0}) {
      const Instant call = at + Seconds{static_cast<std::int64_t>(order.below(static_cast<std::size_t>(free.count)))};
      out.facts.interruptions.push_back({{call, call + lengths[order.below(lengths.size())]}});
    }
    at = at + std::max(free, Seconds{1});
  }
  const Writer writer(*after.zone_table, span);
  // Around the clock over the rosters: at one hour of the day other closings may hide what an opening ends.
  const int later = static_cast<int>(number / 4) * 4;
  if (number % 4 == 1) add_overrides(before, after, writer, (kOverridesFrom + later) % 24, out.facts);
  if (number % 4 == 2 && any_exception(before, after, pack::ExceptionWhen::kSelfOpen))
    add_self_openings(before, after, writer, (kOpensFrom + later) % 24, out.facts);
  if (number % 2 == 1) add_layer(order, over, RosterKind::kOnCall, out.facts);
  if (number % 3 == 2) add_layer(order, over, RosterKind::kLeave, out.facts);
  std::ranges::stable_sort(out.facts.roster, {}, [](const auto& entry) { return entry.span.begin; });
  std::ranges::stable_sort(out.facts.interruptions, {}, [](const auto& entry) { return entry.span.begin; });
  return out;
}

}  // namespace

std::string_view name_of(Life life) {
  constexpr std::array<std::string_view, 11> kNames{"core-hours", "day-duty",     "night-duty", "long-duty",
                                                    "on-call",    "only-on-call", "absent",     "called-out",
                                                    "overridden", "self-opened",  "mixed"};
  return kNames[static_cast<std::size_t>(life)];
}

std::vector<Scenario> ordinary_scenarios(const pack::Rules& before, const pack::Rules& after, Interval span) {
  const Writer writer(*after.zone_table, span);
  std::vector<Scenario> out{made(Life::kCoreHours, span)};
  const auto rostered = [&](Life life, RosterKind kind, const std::vector<Interval>& spans) {
    out.push_back(made(life, span));
    add(out.back().facts, kind, spans);
  };
  rostered(Life::kDayDuty, RosterKind::kDuty, writer.weekly({0, 1, 2, 3, 4}, clock(8), clock(16)));
  rostered(Life::kNightDuty, RosterKind::kDuty, writer.weekly({0, 1, 2, 3}, clock(20), clock(6)));
  rostered(Life::kLongDuty, RosterKind::kDuty, writer.weekly({2}, clock(6), clock(18)));
  out.push_back(on_call(writer, span));
  rostered(Life::kOnlyOnCall, RosterKind::kOnCall, {writer.all()});
  rostered(Life::kAbsent, RosterKind::kLeave, {writer.all()});
  out.push_back(called_out(writer, span, call_lengths(before, after)));
  if (any_exception(before, after, pack::ExceptionWhen::kOverride)) {
    out.push_back(made(Life::kOverridden, span));
    add_overrides(before, after, writer, kOverridesFrom, out.back().facts);
  }
  if (any_exception(before, after, pack::ExceptionWhen::kSelfOpen)) {
    out.push_back(made(Life::kSelfOpened, span));
    add_self_openings(before, after, writer, kOpensFrom, out.back().facts);
  }
  return out;
}

std::vector<Scenario> mixed_scenarios(const pack::Rules& before, const pack::Rules& after, Interval span) {
  constexpr Seconds kLength{42 * 86400};
  std::vector<Scenario> out;
  for (std::size_t i = 0; i < kMixedScenarios; ++i) {
    const auto share = static_cast<std::int64_t>(i);
    const Instant begin =
        span.begin + Seconds{(span.end - span.begin).count * share / static_cast<std::int64_t>(kMixedScenarios)};
    out.push_back(mixed(before, after, {begin, begin + kLength}, i));
  }
  return out;
}

}  // namespace policy::diff
