#include "policy/mutate/typical.h"

#include <algorithm>
#include <set>

namespace policy::mutate {
namespace {

using base::Instant;
using base::Interval;
using base::kHour;
using base::kMinute;
using base::Seconds;
using model::PersonFacts;
using model::RosterKind;

constexpr Instant kMonday{1'780'264'800};  // 2026-05-31T22:00:00Z, midnight in Berlin

Instant hour(std::int64_t hours) { return kMonday + Seconds{hours * kHour.count}; }

std::set<std::string> groups_of(const pack::Rules& rules) {
  std::set<std::string> groups;
  const auto take = [&](const pack::Applies& applies) { groups.insert(applies.groups.begin(), applies.groups.end()); };
  for (const auto& rule : rules.rests) take(rule.applies);
  for (const auto& rule : rules.exceptions) take(rule.applies);
  for (const auto& pack : rules.packs)
    if (pack.schedule) take(pack.schedule->applies);
  groups.erase("*");
  return groups;
}

PersonFacts on_duty(std::string name, const pack::Rules& rules) {
  PersonFacts facts;
  facts.person = std::move(name);
  facts.roster = {{RosterKind::kDuty, {hour(6), hour(14)}}, {RosterKind::kDuty, {hour(54), hour(62)}}};
  // Pairs of short entries, a gap apart: one duty or two.
  Instant at = hour(80);
  for (const pack::DutyView& view : rules.duty_views) {
    for (const Seconds off : {Seconds{-30}, Seconds{30}}) {
      facts.roster.push_back({RosterKind::kDuty, {at, at + kHour}});
      const Instant second = at + kHour + view.gap + off;
      facts.roster.push_back({RosterKind::kDuty, {second, second + kHour}});
      at = second + Seconds{40 * kHour.count};
    }
  }
  return facts;
}

PersonFacts interrupted(const pack::Rules& rules) {
  PersonFacts facts;
  facts.person = "interrupted";
  std::set<Seconds> lengths{Seconds{}, Seconds{5 * 60}};
  for (const auto& rule : rules.rests)
    for (const Seconds off : {Seconds{-30}, Seconds{30}})
      lengths.insert(std::max(Seconds{}, rule.terms.restart.threshold + off));
  Instant at = hour(6);
  for (const Seconds length : lengths) {
    facts.roster.push_back({RosterKind::kDuty, {at, at + Seconds{8 * kHour.count}}});
    const Instant begin = at + Seconds{12 * kHour.count};
    facts.interruptions.push_back({{begin, begin + length}});
    at = at + Seconds{72 * kHour.count};
  }
  return facts;
}

// More and longer than each exception admits.
PersonFacts opened(const pack::Rules& rules) {
  PersonFacts facts;
  facts.person = "opened";
  for (const auto& rule : rules.exceptions) {
    const Seconds step = rule.longest + kHour;
    if (rule.when == pack::ExceptionWhen::kSelfOpen) facts.self_openings.push_back({{hour(20), hour(20) + step}});
    if (rule.when != pack::ExceptionWhen::kOverride) continue;
    Instant at = hour(20);
    for (std::size_t n = 0; n < std::min<std::size_t>(rule.per_week + 2, 20); ++n, at = at + step + kHour)
      facts.overrides.push_back({rule.head.id, rule.role, rule.reasons[n % rule.reasons.size()], {at, at + step}});
    // Each reason on a week of its own.
    at = hour(7 * 24 + 20);
    for (const std::string& reason : rule.reasons) {
      facts.overrides.push_back({rule.head.id, rule.role, reason, {at, at + step}});
      at = at + Seconds{7 * 24 * kHour.count};
    }
  }
  std::ranges::sort(facts.overrides, {}, &model::Override::span);
  std::ranges::sort(facts.self_openings, {}, &model::SelfOpening::span);
  return facts;
}

}  // namespace

std::vector<PersonFacts> typical_people(const pack::Rules& rules) {
  std::vector<PersonFacts> kinds(1);
  kinds[0].person = "not rostered";
  kinds.push_back(on_duty("on duty", rules));
  kinds.push_back(interrupted(rules));
  kinds.push_back(opened(rules));
  PersonFacts on_call;
  on_call.person = "on call";
  on_call.roster = {{RosterKind::kDuty, {hour(6), hour(14)}}, {RosterKind::kOnCall, {hour(14), hour(14 * 24)}}};
  kinds.push_back(on_call);
  PersonFacts leave;
  leave.person = "on leave";
  leave.roster = {{RosterKind::kDuty, {hour(6), hour(14)}}, {RosterKind::kLeave, {hour(24), hour(48)}}};
  kinds.push_back(leave);
  std::vector<PersonFacts> people = kinds;
  for (const std::string& group : groups_of(rules)) {
    for (PersonFacts facts : kinds) {
      facts.person += ", in " + group;
      facts.groups = {group};
      people.push_back(std::move(facts));
    }
  }
  return people;
}

}  // namespace policy::mutate
