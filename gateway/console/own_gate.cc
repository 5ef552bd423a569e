#include <algorithm>
#include <span>

#include "audit/event/vocabulary.h"
#include "gateway/console/api.h"
#include "gateway/proxy/content.h"
#include "gateway/proxy/opener.h"
#include "policy/decide/decide.h"
#include "relay/wire/codec.h"

namespace gateway::console {

using policy::base::fail;
using policy::base::Instant;
using policy::base::Interval;
using policy::base::Result;
using policy::base::Seconds;
using policy::model::MessageClass;
using policy::model::PersonFacts;

namespace {

constexpr Seconds kLedgerReach{14 * 86400};  // back and ahead; store::kOpeningsKept_s is no shorter
constexpr std::int64_t kShortest_s = 60;
constexpr std::int64_t kLongest_s = 7 * 86400;
// Together they stay below relay::wire::kJsonBodyBytesMax.
constexpr int kStretchesMax = 200;
constexpr std::size_t kOverridesMax = 50;
constexpr std::size_t kSpansMax = 100;

template <typename T>
std::span<const T> newest(const std::vector<T>& all, std::size_t most) {
  return std::span(all).last(std::min(all.size(), most));
}

void describe(Interval span, pb::Span& out) {
  out.set_begin_s(span.begin.unix_s);
  out.set_end_s(span.end.unix_s);
}

// Times at which routine messages do not come by themselves. As the rules in force now read the whole span.
void describe_stretches(const policy::pack::RuleSet& rules, const PersonFacts& facts, Interval span, pb::Ledger& out) {
  for (const auto& stretch : policy::decide::timeline(rules, facts, MessageClass::kRoutine, span)) {
    if (stretch.effect == policy::model::Effect::kDeliver) continue;
    if (out.stretches_size() == kStretchesMax) return;
    auto& one = *out.add_stretches();
    one.set_begin_s(stretch.span.begin.unix_s);
    one.set_end_s(stretch.span.end.unix_s);
    one.set_effect(std::string(policy::model::name_of(stretch.effect)));
    for (const auto& rule : stretch.rules) one.add_rules(rule);
  }
}

void describe(const store::PseudonymOpening& opening, pb::PseudonymOpening& out) {
  out.set_begin_s(opening.span.begin.unix_s);
  out.set_end_s(opening.span.end.unix_s);
  out.set_opened_s(opening.opened.unix_s);
  out.set_purpose(opening.purpose);
  if (const auto purpose = audit::event::from_id<audit::event::OpeningPurpose>(opening.purpose); purpose) {
    out.set_purpose_de(std::string(audit::event::word_of(*purpose).de));
    out.set_purpose_en(std::string(audit::event::word_of(*purpose).en));
  }
}

}  // namespace

Result<PersonFacts> Api::facts_of(const gates::World& world, const std::string& person) {
  const auto known = world.people.find(person);
  if (known == world.people.end())
    return fail("person.unknown", "person '" + policy::base::printable(person) + "'", "people of the directory");
  PersonFacts facts = known->second;
  const auto overrides = services_.store.overrides_of(person);
  if (!overrides) return std::unexpected(overrides.error());
  const auto own = services_.store.self_openings_of(person);
  if (!own) return std::unexpected(own.error());
  const auto interruptions = services_.store.interruptions_of(person);
  if (!interruptions) return std::unexpected(interruptions.error());
  facts.overrides.clear();
  facts.self_openings.clear();
  for (const auto& one : *overrides) facts.overrides.push_back(proxy::fact_of(one));
  for (const auto& one : *own) facts.self_openings.push_back({one.span});
  for (const auto& one : *interruptions) {
    const policy::model::Interruption newer{one.span};
    if (std::ranges::find(facts.interruptions, newer) != facts.interruptions.end()) continue;
    facts.interruptions.insert(std::ranges::upper_bound(facts.interruptions, newer.span.begin, {},
                                                        [](const auto& known_one) { return known_one.span.begin; }),
                               newer);
  }
  return facts;
}

Api::Json Api::own_gate(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  auto body = relay::wire::parse_json<pb::GateRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  const Instant now = services_.clock.now();
  pb::GateAnswer out;
  if (body->open_for_s() == 0) {
    if (auto closed = services_.opener.close_own(session->person, now); !closed) return std::unexpected(closed.error());
    return relay::wire::to_json(out);
  }
  if (body->open_for_s() < kShortest_s || body->open_for_s() > kLongest_s)
    return fail("opening.syntax", "an opening for " + std::to_string(body->open_for_s()) + " s", "1m to 7d");
  const auto world = services_.world.load();
  const auto facts = facts_of(*world, session->person);
  if (!facts) return std::unexpected(facts.error());
  const auto until = services_.opener.open_own(*world->rules, *facts, {now, now + Seconds{body->open_for_s()}});
  if (!until) return std::unexpected(until.error());
  out.set_open_until_s(until->unix_s);
  return relay::wire::to_json(out);
}

Api::Json Api::own_ledger(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  const auto world = services_.world.load();
  const auto facts = facts_of(*world, session->person);
  if (!facts) return std::unexpected(facts.error());
  const auto overrides = services_.store.overrides_of(session->person);
  if (!overrides) return std::unexpected(overrides.error());
  const auto expired = services_.store.expired_of(session->person);
  if (!expired) return std::unexpected(expired.error());
  const Instant now = services_.clock.now();
  const Interval span{now + Seconds{-kLedgerReach.count}, now + kLedgerReach};
  pb::Ledger out;
  out.set_begin_s(span.begin.unix_s);
  out.set_end_s(span.end.unix_s);
  out.set_now_s(now.unix_s);
  describe_stretches(*world->rules, *facts, span, out);
  for (const auto& one : newest(facts->interruptions, kSpansMax))
    if (span.begin < one.span.end && one.span.begin < span.end) describe(one.span, *out.add_interruptions());
  for (const auto& one : newest(*overrides, kOverridesMax)) console::describe(one, *out.add_overrides());
  for (const auto& one : newest(facts->self_openings, kSpansMax)) describe(one.span, *out.add_openings());
  for (const auto& one : *expired) {
    auto& day = *out.add_expired();
    day.set_day_s(one.day.unix_s);
    day.set_count(one.count);
  }
  const auto pseudonyms = services_.store.pseudonym_openings_told(now);
  if (!pseudonyms) return std::unexpected(pseudonyms.error());
  for (const auto& one : newest(*pseudonyms, kOverridesMax)) describe(one, *out.add_pseudonym_openings());
  return relay::wire::to_json(out);
}

Api::Json Api::pseudonym_openings(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  const auto openings = services_.store.pseudonym_openings_told(services_.clock.now());
  if (!openings) return std::unexpected(openings.error());
  pb::PseudonymOpenings out;
  for (const auto& one : newest(*openings, kSpansMax)) describe(one, *out.add_openings());
  return relay::wire::to_json(out);
}

Api::Json Api::content(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  return relay::wire::to_json(proxy::describe_content(*services_.world.load()->rules));
}

}  // namespace gateway::console
