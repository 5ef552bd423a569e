#include "policy/prove/sweep.h"

#include <algorithm>
#include <tuple>

#include "policy/prove/quiet.h"
#include "policy/prove/scope.h"
#include "policy/prove/sights.h"

namespace policy::prove {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;
using model::Effect;
using pack::ClaimKind;
using pack::ClaimRule;
using time::IntervalSet;

// Where the effect is weaker than it would be with the other pack alone.
Checked weaker_than(const decide::Scene& alone, const decide::Scene& scene, pack::ClassSet classes, Interval span) {
  Checked checked;
  IntervalSet weaker;
  for (const model::MessageClass c : model::kMessageClasses) {
    if (!classes[pack::index_of(c)]) continue;
    for (const Effect level : {Effect::kSilent, Effect::kHold}) {
      const IntervalSet wanted = clip(closed(alone, c, level), span);
      checked.places += wanted.intervals().size();
      weaker = unite(weaker, subtract(wanted, closed(scene, c, level)));
    }
  }
  for (const Interval& i : weaker.intervals())
    checked.shortfalls.push_back({Cause::kRules, i, {i.begin, i.begin}, {}, {}});
  return checked;
}

Seconds total(const IntervalSet& set) {
  Seconds sum;
  for (const Interval& i : set.intervals()) sum = sum + (i.end - i.begin);
  return sum;
}

auto order_of(const Counterexample& one) { return std::tie(one.shortfall.period, one.person); }

// Keeps the earliest.
void keep(std::vector<Counterexample>& kept, Counterexample one) {
  const auto at = std::ranges::upper_bound(kept, order_of(one), {}, order_of);
  kept.insert(at, std::move(one));
  if (kept.size() > kCounterexamplesMax) kept.pop_back();
}

bool would_keep(const std::vector<Counterexample>& kept, const Shortfall& shortfall, const std::string& person) {
  return kept.size() < kCounterexamplesMax || std::tie(shortfall.period, person) < order_of(kept.back());
}

}  // namespace

base::Result<std::shared_ptr<const Plan>> Plan::make(std::shared_ptr<const pack::RuleSet> rule_set, Interval span,
                                                     const std::string& claim) {
  const pack::Rules& rules = rule_set->rules();
  auto claims = claims_of(rules, claim);
  if (!claims) return std::unexpected(std::move(claims.error()));
  std::shared_ptr<Plan> plan(new Plan);
  plan->span_ = span;
  for (const ClaimRule* one : *claims) {
    Task task{one, {}, nullptr};
    if (one->kind == ClaimKind::kRestPerWeek) task.weeks = weeks_of(zone_of(rules, *one), span);
    if (one->kind == ClaimKind::kAtLeastAsProtective)
      task.alone = std::make_shared<const pack::Rules>(alone(rules, one->than));
    plan->longest_ = std::max(plan->longest_, one->minimum.value_or(Seconds{}));
    plan->tasks_.push_back(std::move(task));
  }
  plan->rules_ = std::move(rule_set);
  return plan;
}

Tally::Tally(const Plan& plan) : plan_(&plan), found_(plan.tasks().size()) {}

void Tally::count_closings(const decide::Scene& scene) {
  const Interval span = plan_->span();
  const auto count = [&](const std::string& id, const IntervalSet& when) {
    const Seconds time = total(clip(when, span));
    if (time <= Seconds{}) return;
    Closed& closed = closed_[id];
    closed.time = closed.time + time;
    ++closed.people;
  };
  std::vector<IntervalSet> pierced(scene.exceptions().size());
  for (const decide::Closing& closing : scene.closings()) {
    count(closing.rule->head.id, closing.when);
    for (const std::size_t i : closing.pierced_by)
      pierced[i] = unite(pierced[i], intersect(closing.when, scene.exceptions()[i].when));
  }
  for (std::size_t i = 0; i < pierced.size(); ++i) count(scene.exceptions()[i].rule->head.id, pierced[i]);
}

void Tally::add(const model::PersonFacts& given) {
  ++people_;
  const pack::Rules& rules = plan_->rules();
  if (!decide::Subject(rules, given).evaluable()) {
    ++unevaluable_;
    return;
  }
  // What somebody may open by choice is not what a claim promises.
  model::PersonFacts without;
  const bool opened = !given.overrides.empty() || !given.self_openings.empty();
  if (opened) without = {given.person, given.groups, given.roster, given.interruptions, {}, {}};
  const model::PersonFacts& facts = opened ? without : given;

  const Interval span = plan_->span();
  std::vector<Instant> every_break;
  for (const model::Interruption& interruption : facts.interruptions) every_break.push_back(interruption.span.begin);
  const Interval reach{span.begin, reach_of(span, plan_->longest(), every_break)};
  const decide::Subject subject(rules, facts);
  const decide::Scene scene(subject, reach);
  count_closings(scene);
  std::map<std::size_t, std::vector<Interval>> duties;  // by view
  std::map<unsigned long, IntervalSet> quiets;          // by classes
  for (std::size_t i = 0; i < plan_->tasks().size(); ++i) {
    const Plan::Task& task = plan_->tasks()[i];
    const ClaimRule& claim = *task.claim;
    if (!pack::applies_to(claim.applies, facts.groups)) continue;
    if (claim.kind == ClaimKind::kAtLeastAsProtective) {
      judge(i, facts, scene,
            weaker_than(decide::Scene(decide::Subject(*task.alone, facts), span), scene, claim.classes, span));
      continue;
    }
    auto& own = duties[claim.duty_view];
    if (own.empty()) own = duties_of(subject, claim, reach);
    const auto [known, fresh] = quiets.try_emplace(claim.classes.to_ulong());
    if (fresh) known->second = quiet(scene, claim.classes);
    const std::vector<Instant> breaks = breaks_of(claim, facts);
    const Sight sight{own, breaks, &known->second};
    const Seconds minimum = claim.minimum.value_or(Seconds{});
    switch (claim.kind) {
      case ClaimKind::kRestAfterDuty: judge(i, facts, scene, rest_after_duty(sight, minimum, span)); break;
      case ClaimKind::kRestPer24h: judge(i, facts, scene, rest_per_24h(sight, minimum, span)); break;
      case ClaimKind::kRestPerWeek: judge(i, facts, scene, rest_per_week(sight, minimum, task.weeks)); break;
      default: judge(i, facts, scene, never_delivers(sight, wanted_quiet(claim, facts, own, span)));
    }
  }
  if (duties.empty()) return;
  for (const Interval& duty : duties.begin()->second) duties_ += span.contains(duty.end) ? 1U : 0U;
}

void Tally::judge(std::size_t task, const model::PersonFacts& facts, const decide::Scene& scene,
                  const Checked& checked) {
  Found& found = found_[task];
  found.places += checked.places;
  for (const Shortfall& shortfall : checked.shortfalls) {
    const bool failed = shortfall.cause == Cause::kRules;
    std::uint64_t& count = failed                              ? found.failures
                           : shortfall.cause == Cause::kRoster ? found.roster_breaches
                                                               : found.interrupted;
    ++count;
    auto& kept = failed ? found.counterexamples : found.breaches;
    if (!would_keep(kept, shortfall, facts.person)) continue;
    keep(kept, {facts.person, shortfall, involved(scene, plan_->tasks()[task].claim->classes, shortfall.found), {}});
  }
}

void Tally::merge(const Tally& other) {
  people_ += other.people_;
  duties_ += other.duties_;
  unevaluable_ += other.unevaluable_;
  for (const auto& [id, closed] : other.closed_) {
    Closed& mine = closed_[id];
    mine.time = mine.time + closed.time;
    mine.people += closed.people;
  }
  for (std::size_t i = 0; i < found_.size(); ++i) {
    Found& mine = found_[i];
    const Found& theirs = other.found_[i];
    mine.places += theirs.places;
    mine.failures += theirs.failures;
    mine.roster_breaches += theirs.roster_breaches;
    mine.interrupted += theirs.interrupted;
    for (const Counterexample& one : theirs.counterexamples) keep(mine.counterexamples, one);
    for (const Counterexample& one : theirs.breaches) keep(mine.breaches, one);
  }
}

Report report_of(const pack::RuleSet& rule_set, const Plan& plan, const Tally& tally) {
  const pack::Rules& rules = rule_set.rules();
  Report report = blank_report(rules);
  report.span = plan.span();
  report.people = tally.people_;
  report.duties = tally.duties_;
  report.unevaluable = tally.unevaluable_;
  report.clock_changes = clock_changes(rules, plan.span());
  for (std::size_t i = 0; i < plan.tasks().size(); ++i) {
    ClaimReport claim = blank_claim(rules, *plan.tasks()[i].claim);
    const Tally::Found& found = tally.found_[i];
    claim.places = found.places;
    claim.failures = found.failures;
    claim.roster_breaches = found.roster_breaches;
    claim.interrupted = found.interrupted;
    claim.counterexamples = found.counterexamples;
    claim.breaches = found.breaches;
    if (found.failures > 0) {
      claim.verdict = Verdict::kFails;
    } else if (found.places > found.roster_breaches + found.interrupted) {
      claim.verdict = Verdict::kHolds;
    } else {
      claim.reason = {"prove.nothing-checked",
                      "no place of this roster at which the claim could hold or fail",
                      "a roster with duties or absences that the claim speaks of",
                      {},
                      {}};
    }
    report.claims.push_back(std::move(claim));
  }
  const auto cover = [&](std::vector<Coverage>& all) {
    for (Coverage& one : all) {
      const auto closed = tally.closed_.find(one.id);
      if (closed == tally.closed_.end()) continue;
      one = {one.id, closed->second.time > Seconds{}, closed->second.time, closed->second.people};
    }
  };
  cover(report.rests);
  cover(report.exceptions);
  return report;
}

}  // namespace policy::prove
