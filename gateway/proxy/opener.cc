#include "gateway/proxy/opener.h"

#include <algorithm>
#include <optional>

#include "gateway/proxy/entries.h"
#include "gateway/proxy/switchboard.h"
#include "policy/decide/exceptions.h"

namespace gateway::proxy {

using policy::base::Error;
using policy::base::fail;
using policy::base::Instant;
using policy::base::Interval;
using policy::base::Result;
using policy::base::Seconds;
using policy::base::Status;
using policy::model::PersonFacts;

namespace {

// Weeks begin at a local midnight, and every zone differs from UTC by whole quarters of an hour.
constexpr std::int64_t kQuarter_s = 900;
constexpr std::int64_t kWeek_s = 7 * 86400 + 3600;  // the longest, with a clock set back

// The directory group in whose name it is granted; nothing if there is no such override for this person.
std::optional<std::string> role_of(const policy::pack::RuleSet& rules, const PersonFacts& facts,
                                   const std::string& rule) {
  for (auto& one : policy::pack::overrides_for(rules, facts.groups))
    if (one.id == rule) return std::move(one.role);
  return {};
}

std::optional<Instant> next_possible(const policy::pack::RuleSet& rules, const PersonFacts& facts,
                                     policy::model::Override wanted) {
  const Seconds length = wanted.span.end - wanted.span.begin;
  const std::int64_t first_s = wanted.span.begin.unix_s - wanted.span.begin.unix_s % kQuarter_s + kQuarter_s;
  for (std::int64_t at_s = first_s; at_s <= first_s + kWeek_s; at_s += kQuarter_s) {
    wanted.span = {{at_s}, Instant{at_s} + length};
    if (policy::decide::counted_part(rules, facts, wanted)) return Instant{at_s};
  }
  return {};
}

std::unexpected<Error> limit_reached(const store::Override& wanted, const std::optional<Instant>& next) {
  return fail(
      "override.limit", "override '" + wanted.rule + "' as often as it may be granted in this week", "",
      next ? "the next one may be granted at " + policy::base::format_instant(*next) : "wait for the next week");
}

}  // namespace

policy::model::Override fact_of(const store::Override& stored) {
  return {stored.rule, stored.role, stored.reason, stored.span};
}

Result<store::Override> Opener::grant(const policy::pack::RuleSet& rules, PersonFacts facts, store::Override wanted) {
  auto role = role_of(rules, facts, wanted.rule);
  if (!role)
    return fail("override.unknown", "override '" + policy::base::printable(wanted.rule) + "'",
                "one that there is for this person");
  wanted.role = std::move(*role);
  const std::scoped_lock lock(mutex_);
  auto stored = store_.overrides_of(wanted.person);
  if (!stored) return std::unexpected(stored.error());
  if (stored->size() >= static_cast<std::size_t>(store::kOpeningsPerPersonMax))
    return std::unexpected(store::too_many_openings());
  facts.overrides.clear();
  for (const auto& one : *stored) facts.overrides.push_back(fact_of(one));
  const auto counted = policy::decide::counted_part(rules, facts, fact_of(wanted));
  if (!counted) return limit_reached(wanted, next_possible(rules, facts, fact_of(wanted)));
  wanted.span = *counted;
  if (auto logged = ledger_.record(entries::override_granted(ledger_, wanted)); !logged)
    return std::unexpected(logged.error());
  if (auto kept = store_.add_override(wanted); !kept) return std::unexpected(kept.error());
  if (auto told = tell(wanted.person); !told) return std::unexpected(told.error());
  return wanted;
}

Result<Instant> Opener::open_own(const policy::pack::RuleSet& rules, const PersonFacts& facts, Interval wanted) {
  const auto longest = policy::pack::self_open_max(rules, facts.groups);
  if (!longest)
    return fail("opening.not-admitted", "no rule lets people open their own gate here", "a pack with [self_open]",
                "ask the staff council");
  const Interval span{wanted.begin, std::min(wanted.end, wanted.begin + *longest)};
  const std::scoped_lock lock(mutex_);
  if (auto kept = store_.add_self_opening({facts.person, span}); !kept) return std::unexpected(kept.error());
  if (auto told = tell(facts.person); !told) return std::unexpected(told.error());
  return span.end;
}

Status Opener::close_own(const std::string& person, Instant now) {
  const std::scoped_lock lock(mutex_);
  auto closed = store_.close_self_openings(person, now);
  if (!closed) return std::unexpected(closed.error());
  return *closed ? tell(person) : Status{};
}

Status Opener::tell(const std::string& person) {
  gates::Openings openings{store_.openings_version(), {}, {}};
  auto overrides = store_.overrides_of(person);
  if (!overrides) return std::unexpected(overrides.error());
  auto own = store_.self_openings_of(person);
  if (!own) return std::unexpected(own.error());
  for (const auto& one : *overrides) openings.overrides.push_back(fact_of(one));
  for (const auto& one : *own) openings.self_openings.push_back({one.span});
  switchboard_.open(person, openings);
  return {};
}

}  // namespace gateway::proxy
