#include "policy/decide/scene.h"

#include <algorithm>

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::RosterKind;
using time::IntervalSet;

template <typename Wanted>
IntervalSet entries(const model::PersonFacts& facts, Interval within, Wanted wanted) {
  std::vector<Interval> found;
  for (const model::RosterEntry& entry : facts.roster) {
    const bool reaches_in = entry.span.begin < within.end && within.begin < entry.span.end;
    if (reaches_in && wanted(entry.kind)) found.push_back(entry.span);
  }
  return IntervalSet(std::move(found));
}

// Core hours of every week that reaches into `within` and has no roster entry at all.
void add_core_hours(const pack::Pack& pack, const model::PersonFacts& facts, Interval within,
                    std::vector<Interval>& duties) {
  const time::Zone& zone = *pack.zone;
  const auto any = [](RosterKind) { return true; };
  const time::LocalDate last = zone.date_at(within.end) + 1;
  for (time::LocalDate monday = time::monday_of_week(zone.date_at(within.begin) + -1); monday <= last;
       monday = monday + 7) {
    const Interval week{zone.first_reading(monday, {}), zone.first_reading(monday + 7, {})};
    if (!entries(facts, week, any).empty()) continue;
    for (std::int64_t day = 0; day < 7; ++day) {
      for (const time::Window& hours : pack.schedule->hours) {
        if (pack.holidays->contains(monday + day) || !time::listed(hours.days, {}, monday + day)) continue;
        duties.push_back(time::hours_on(hours, zone, monday + day));
      }
    }
  }
}

// Merged duties as far as they matter within a span: from the first whose rest can reach into it to the first behind
// it.
std::vector<Interval> duties_around(const pack::Rules& rules, const pack::DutyView& view,
                                    const model::PersonFacts& facts, Interval reach) {
  const auto duty = [](RosterKind kind) { return model::counts_as_duty(kind); };
  std::vector<Interval> found = entries(facts, reach, duty).intervals();
  if (view.schedule_pack) {
    const pack::Pack& pack = rules.packs[*view.schedule_pack];
    if (pack::applies_to(pack.schedule->applies, facts.groups)) add_core_hours(pack, facts, reach, found);
  }
  return time::merge_duties(std::move(found), view.gap);
}

std::vector<Interval> spans_of(const std::vector<model::Interruption>& interruptions) {
  std::vector<Interval> spans;
  spans.reserve(interruptions.size());
  for (const model::Interruption& interruption : interruptions) spans.push_back(interruption.span);
  std::ranges::sort(spans);
  return spans;
}

// Which of the exceptions pierce this rule.
std::vector<std::size_t> piercing(const pack::Rules& rules, const pack::RestRule& rest,
                                  const std::vector<InForce>& exceptions) {
  std::vector<std::size_t> found;
  const auto index = static_cast<std::size_t>(&rest - rules.rests.data());
  for (std::size_t i = 0; i < exceptions.size(); ++i)
    if (std::ranges::find(exceptions[i].rule->pierces, index) != exceptions[i].rule->pierces.end()) found.push_back(i);
  return found;
}

IntervalSet closings_of(const pack::Rules& rules, const pack::RestRule& rule, const model::PersonFacts& facts,
                        std::span<const Interval> interruptions, Interval span) {
  if (rule.unset) return IntervalSet({span});
  const pack::DutyView& view = rules.duty_views[rule.duty_view];
  const bool needs_duties = rule.kind == pack::RestKind::kAfterDuty || rule.kind == pack::RestKind::kOffDuty;
  std::vector<Interval> duties;
  if (needs_duties || rule.unless_duty) {
    const Instant first = std::min(time::earliest_relevant_end(span.begin, interruptions, rule.terms), span.begin);
    // Entries further away than this can neither join a duty that matters nor end its rest early.
    const Seconds margin = view.gap + std::max(rule.terms.lead, Seconds{0}) + base::kMinute;
    duties = duties_around(rules, view, facts, {first - margin, span.end + margin});
  }
  IntervalSet when;
  switch (rule.kind) {
    case pack::RestKind::kAfterDuty: when = clip(time::rest_after_duty(duties, interruptions, rule.terms), span); break;
    case pack::RestKind::kOffDuty: when = time::off_duty(duties, rule.terms.grace, rule.terms.lead, span); break;
    case pack::RestKind::kWindow: {
      const pack::Pack& pack = rules.packs[rule.head.pack];
      when = time::closings(rule.window, *pack.zone, *pack.holidays, span);
      break;
    }
    case pack::RestKind::kAbsence:
      when = clip(entries(facts, span, [](RosterKind k) { return k == RosterKind::kLeave || k == RosterKind::kSick; }),
                  span);
      break;
  }
  if (rule.unless_duty) when = subtract(when, IntervalSet(std::move(duties)));
  if (rule.unless_on_call)
    when = subtract(when, entries(facts, span, [](RosterKind k) { return k == RosterKind::kOnCall; }));
  return when;
}

bool sound(const Interval& span) {
  return span.begin <= span.end && base::kBeginningOfTime <= span.begin && span.end <= base::kEndOfTime;
}

// Goes on for ever with changes in it: windows, and duties that follow core hours.
bool recurs(const pack::Rules& rules, const pack::RestRule& rule, const model::PersonFacts& facts) {
  if (rule.unset) return false;
  if (rule.kind == pack::RestKind::kWindow) return true;
  const auto& schedule = rules.duty_views[rule.duty_view].schedule_pack;
  if (rule.kind == pack::RestKind::kAbsence || !schedule) return false;
  return pack::applies_to(rules.packs[*schedule].schedule->applies, facts.groups);
}

// Classes for which a window goes on piercing this rule for ever.
pack::ClassSet pierced_again(const pack::Rules& rules, const pack::RestRule& rest, const model::PersonFacts& facts) {
  pack::ClassSet classes;
  const auto index = static_cast<std::size_t>(&rest - rules.rests.data());
  for (const pack::ExceptionRule& exception : rules.exceptions) {
    if (exception.when != pack::ExceptionWhen::kWindow || !pack::applies_to(exception.applies, facts.groups)) continue;
    if (std::ranges::find(exception.pierces, index) != exception.pierces.end()) classes |= exception.classes;
  }
  return classes;
}

// The end of the last fact.
Instant last_fact(const model::PersonFacts& facts, Instant now) {
  Instant last = now;
  const auto reach = [&](const auto& entries) {
    for (const auto& entry : entries) last = std::max(last, entry.span.end);
  };
  reach(facts.roster);
  reach(facts.interruptions);
  reach(facts.overrides);
  reach(facts.self_openings);
  return last;
}

}  // namespace

Scene::Scene(const pack::Rules& rules, const model::PersonFacts& facts, Interval span) : span_(span) {
  const std::vector<const pack::RestRule*> own = rules_for(rules, facts);
  const std::vector<Interval> interruptions = spans_of(facts.interruptions);
  if (!own.empty()) exceptions_ = exceptions_in_force(rules, facts, span);
  closings_.reserve(own.size());
  for (const pack::RestRule* rule : own)
    closings_.push_back(
        {rule, closings_of(rules, *rule, facts, interruptions, span), piercing(rules, *rule, exceptions_)});
}

std::vector<Instant> Scene::boundaries() const {
  std::vector<Instant> found{span_.begin};
  const auto add = [&](const IntervalSet& set) {
    for (const Interval& i : set.intervals()) {
      if (i.begin > span_.begin && i.begin < span_.end) found.push_back(i.begin);
      if (i.end > span_.begin && i.end < span_.end) found.push_back(i.end);
    }
  };
  for (const Closing& closing : closings_) add(closing.when);
  for (const InForce& exception : exceptions_) add(exception.when);
  std::ranges::sort(found);
  const auto repeated = std::ranges::unique(found);
  found.erase(repeated.begin(), repeated.end());
  return found;
}

pack::ClassSet Scene::pierced(const Closing& closing, Instant instant) const {
  pack::ClassSet classes;
  for (const std::size_t i : closing.pierced_by)
    if (exceptions_[i].when.contains(instant)) classes |= exceptions_[i].rule->classes;
  return classes;
}

Effects Scene::effects_at(Instant instant) const {
  Effects effects;
  for (const Closing& closing : closings_) {
    if (!closing.when.contains(instant)) continue;
    const pack::ClassSet open = pierced(closing, instant);
    for (std::size_t c = 0; c < effects.of.size(); ++c)
      if (!open[c]) effects.of[c] = std::max(effects.of[c], closing.rule->effects[c]);
  }
  return effects;
}

std::vector<std::string> Scene::rules_at(Instant instant, model::MessageClass message_class,
                                         model::Effect effect) const {
  std::vector<std::string> ids;
  if (effect == model::Effect::kDeliver) return ids;
  const std::size_t c = pack::index_of(message_class);
  for (const Closing& closing : closings_) {
    const bool counts = closing.rule->effects[c] == effect && closing.when.contains(instant);
    if (counts && !pierced(closing, instant)[c]) ids.push_back(closing.rule->head.id);
  }
  return ids;
}

bool evaluable(const model::PersonFacts& facts) {
  const auto all_sound = [](const auto& entries) {
    return std::ranges::all_of(entries, [](const auto& entry) { return sound(entry.span); });
  };
  return all_sound(facts.roster) && all_sound(facts.interruptions) && all_sound(facts.overrides) &&
         all_sound(facts.self_openings);
}

std::vector<const pack::RestRule*> rules_for(const pack::Rules& rules, const model::PersonFacts& facts) {
  std::vector<const pack::RestRule*> own;
  for (const pack::RestRule& rule : rules.rests)
    if (pack::applies_to(rule.applies, facts.groups)) own.push_back(&rule);
  return own;
}

Instant search_end(const pack::Rules& rules, const model::PersonFacts& facts, pack::ClassSet classes, Instant now) {
  Seconds after = base::kDay;
  // Whoever is never rostered again is closed for ever; what recurs can only matter if it is stronger than that.
  Effects for_ever, recurring;
  for (const pack::RestRule* rule : rules_for(rules, facts)) {
    after = std::max(after, base::kDay + rule->terms.minimum + rule->terms.grace);
    const bool again = recurs(rules, *rule, facts);
    if (!again && !rule->unset && rule->kind != pack::RestKind::kOffDuty) continue;
    const pack::ClassSet opened = pierced_again(rules, *rule, facts);
    for (std::size_t c = 0; c < recurring.of.size(); ++c) {
      Effects& side = again || opened[c] ? recurring : for_ever;
      side.of[c] = std::max(side.of[c], rule->effects[c]);
    }
  }
  bool changes = false;
  for (std::size_t c = 0; c < classes.size(); ++c) changes |= classes[c] && recurring.of[c] > for_ever.of[c];
  return std::min(last_fact(facts, now) + after + (changes ? kCalendarCycle : Seconds{}), base::kEndOfTime);
}

}  // namespace policy::decide
