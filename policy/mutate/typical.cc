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

// Openings in the evening after a duty, where most rests and windows are closed.
class Opened {
 public:
  explicit Opened(const pack::Rules& rules) {
    facts_.person = "opened";
    for (const auto& rule : rules.exceptions) {
      if (rule.when == pack::ExceptionWhen::kSelfOpen) facts_.self_openings.push_back({evening(0, rule)});
      if (rule.when == pack::ExceptionWhen::kOverride) add_overrides(rule);
    }
    std::ranges::sort(facts_.overrides, {}, &model::Override::span);
    std::ranges::sort(facts_.roster, {}, &model::RosterEntry::span);
    facts_.roster.erase(std::ranges::unique(facts_.roster).begin(), facts_.roster.end());
  }
  PersonFacts take() { return std::move(facts_); }

 private:
  // Longer than the exception admits.
  Interval evening(std::int64_t day, const pack::ExceptionRule& rule) {
    facts_.roster.push_back({RosterKind::kDuty, {hour(day * 24 + 6), hour(day * 24 + 14)}});
    const Instant begin = hour(day * 24 + 20) + Seconds{15 * 60};
    return {begin, begin + rule.longest + kHour};
  }

  // The last that counts has an evening of its own, and so has the first that does not; each reason a week of its own.
  void add_overrides(const pack::ExceptionRule& rule) {
    const auto add = [&](const std::string& reason, Interval span) {
      facts_.overrides.push_back({rule.head.id, rule.role, reason, span});
    };
    for (std::uint32_t n = 1; n < rule.per_week; ++n)
      add(rule.reasons.front(), {hour(5) + Seconds{n}, hour(5) + Seconds{n + 1}});
    add(rule.reasons.front(), evening(1, rule));
    add(rule.reasons.front(), evening(3, rule));
    std::int64_t week = 1;
    for (const std::string& reason : rule.reasons) add(reason, evening(7 * week++, rule));
  }

  PersonFacts facts_;
};

}  // namespace

std::vector<PersonFacts> typical_people(const pack::Rules& rules) {
  std::vector<PersonFacts> kinds(1);
  kinds[0].person = "not rostered";
  kinds.push_back(on_duty("on duty", rules));
  kinds.push_back(interrupted(rules));
  kinds.push_back(Opened(rules).take());
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
