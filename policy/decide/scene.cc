#include "policy/decide/scene.h"

#include <algorithm>

#include "policy/decide/duties.h"

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::RosterKind;
using time::IntervalSet;

IntervalSet entries(const Subject& subject, Interval within, std::initializer_list<RosterKind> kinds) {
  std::vector<Interval> found;
  for (const model::RosterEntry& entry : subject.roster_around(within))
    if (std::ranges::find(kinds, entry.kind) != kinds.end())
      found.push_back({std::max(entry.span.begin, within.begin), std::min(entry.span.end, within.end)});
  return IntervalSet(std::move(found));
}

// Duties as each view sees them, as far as they matter to any rule within the span: from the first whose rest can reach
// into it to the first behind it.
class Duties {
 public:
  Duties(const Subject& subject, Interval span, pack::ClassSet classes) : of_view_(subject.rules().duty_views.size()) {
    std::vector<Interval> reaches(of_view_.size(), Interval{base::kEndOfTime, base::kBeginningOfTime});
    for (const pack::RestRule* rule : subject.rests()) {
      if (!closes(*rule, classes) || !needs_duties(*rule)) continue;
      const Interval reach = reach_of(subject, *rule, span);
      Interval& all = reaches[rule->duty_view];
      all = {std::min(all.begin, reach.begin), std::max(all.end, reach.end)};
    }
    for (std::size_t i = 0; i < of_view_.size(); ++i)
      if (!reaches[i].empty()) of_view_[i] = duties_around(subject, subject.rules().duty_views[i], reaches[i]);
  }

  const std::vector<Interval>& of(const pack::RestRule& rule) const { return of_view_[rule.duty_view]; }

 private:
  static bool needs_duties(const pack::RestRule& rule) {
    const bool follows = rule.kind == pack::RestKind::kAfterDuty || rule.kind == pack::RestKind::kOffDuty;
    return !rule.unset && (follows || rule.unless_duty);
  }

  static Interval reach_of(const Subject& subject, const pack::RestRule& rule, Interval span) {
    const Instant first = time::earliest_relevant_end(span.begin, subject.interruptions(), rule.terms);
    // Entries further away than this can neither join a duty that matters nor end its rest early.
    const Seconds margin =
        subject.rules().duty_views[rule.duty_view].gap + std::max(rule.terms.lead, Seconds{0}) + base::kMinute;
    return {std::min(first, span.begin) - margin, span.end + margin};
  }

  std::vector<std::vector<Interval>> of_view_;
};

// Which of the exceptions pierce this rule.
std::vector<std::size_t> piercing(const pack::Rules& rules, const pack::RestRule& rest,
                                  const std::vector<InForce>& exceptions) {
  std::vector<std::size_t> found;
  const auto index = static_cast<std::size_t>(&rest - rules.rests.data());
  for (std::size_t i = 0; i < exceptions.size(); ++i)
    if (std::ranges::find(exceptions[i].rule->pierces, index) != exceptions[i].rule->pierces.end()) found.push_back(i);
  return found;
}

IntervalSet closings_of(const Subject& subject, const pack::RestRule& rule, const Duties& duties, Interval span) {
  if (rule.unset) return IntervalSet({span});
  const std::vector<Interval>& own = duties.of(rule);
  IntervalSet when;
  switch (rule.kind) {
    case pack::RestKind::kAfterDuty:
      when = clip(time::rest_after_duty(own, subject.interruptions(), rule.terms), span);
      break;
    case pack::RestKind::kOffDuty: when = time::off_duty(own, rule.terms.grace, rule.terms.lead, span); break;
    case pack::RestKind::kWindow: {
      const pack::Pack& pack = subject.rules().packs[rule.head.pack];
      when = time::closings(rule.window, *pack.zone, *pack.holidays, span);
      break;
    }
    case pack::RestKind::kAbsence: when = entries(subject, span, {RosterKind::kLeave, RosterKind::kSick}); break;
  }
  if (rule.unless_duty && !when.empty()) when = subtract(when, IntervalSet(own));
  if (rule.unless_on_call && !when.empty()) when = subtract(when, entries(subject, span, {RosterKind::kOnCall}));
  return when;
}

// Goes on for ever with changes in it: windows, and duties that follow core hours.
bool recurs(const Subject& subject, const pack::RestRule& rule) {
  if (rule.unset) return false;
  if (rule.kind == pack::RestKind::kWindow) return true;
  const auto& schedule = subject.rules().duty_views[rule.duty_view].schedule_pack;
  if (rule.kind == pack::RestKind::kAbsence || !schedule) return false;
  return pack::applies_to(subject.rules().packs[*schedule].schedule->applies, subject.facts().groups);
}

// Classes for which a window goes on piercing this rule for ever.
pack::ClassSet pierced_again(const Subject& subject, const pack::RestRule& rest) {
  pack::ClassSet classes;
  const auto index = static_cast<std::size_t>(&rest - subject.rules().rests.data());
  for (const auto& [exception, for_classes] : subject.exceptions()) {
    if (exception->when != pack::ExceptionWhen::kWindow) continue;
    if (std::ranges::find(exception->pierces, index) != exception->pierces.end()) classes |= exception->classes;
  }
  return classes;
}

}  // namespace

Scene::Scene(const Subject& subject, Interval span, pack::ClassSet classes)
    : span_(span), exceptions_(exceptions_in_force(subject, span, classes)) {
  const Duties duties(subject, span, classes);
  closings_.reserve(subject.rests().size());
  for (const pack::RestRule* rule : subject.rests()) {
    if (!closes(*rule, classes)) continue;
    closings_.push_back(
        {rule, closings_of(subject, *rule, duties, span), piercing(subject.rules(), *rule, exceptions_)});
  }
}

std::vector<Instant> Scene::boundaries() const {
  std::size_t count = 1;
  for (const Closing& closing : closings_) count += 2 * closing.when.intervals().size();
  for (const InForce& exception : exceptions_) count += 2 * exception.when.intervals().size();
  std::vector<Instant> found;
  found.reserve(count);
  found.push_back(span_.begin);
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

void Scene::counting_at(Instant instant, std::vector<Counting>& found) const {
  found.clear();
  for (const Closing& closing : closings_)
    if (closing.when.contains(instant)) found.push_back({closing.rule, ~pierced(closing, instant)});
}

Instant search_end(const Subject& subject, pack::ClassSet classes, Instant now) {
  Seconds after = base::kDay;
  // Whoever is never rostered again is closed for ever; what recurs can only matter if it is stronger than that.
  Effects for_ever, recurring;
  for (const pack::RestRule* rule : subject.rests()) {
    after = std::max(after, base::kDay + rule->terms.minimum + rule->terms.grace);
    const bool again = recurs(subject, *rule);
    if (!again && !rule->unset && rule->kind != pack::RestKind::kOffDuty) continue;
    const pack::ClassSet opened = pierced_again(subject, *rule);
    for (std::size_t c = 0; c < recurring.of.size(); ++c) {
      Effects& side = again || opened[c] ? recurring : for_ever;
      side.of[c] = std::max(side.of[c], rule->effects[c]);
    }
  }
  bool changes = false;
  for (std::size_t c = 0; c < classes.size(); ++c) changes |= classes[c] && recurring.of[c] > for_ever.of[c];
  return std::min(std::max(subject.last_fact(), now) + after + (changes ? kCalendarCycle : Seconds{}),
                  base::kEndOfTime);
}

}  // namespace policy::decide
