#include <algorithm>
#include <span>

#include "gateway/console/api.h"
#include "gateway/proxy/entries.h"
#include "gateway/proxy/opener.h"
#include "policy/pack/rule_set.h"
#include "relay/wire/codec.h"

namespace gateway::console {

using policy::base::Error;
using policy::base::fail;
using policy::base::Result;
using policy::base::Seconds;

namespace {

constexpr std::int64_t kShortest_s = 60;
constexpr std::int64_t kLongest_s = 7 * 86400;  // no rule may admit more (rules/schema/README.md)

constexpr std::size_t kToldMax = 200;  // the newest; they stay below relay::wire::kJsonBodyBytesMax
constexpr std::string_view kLengths = "1m to 7d";

policy::base::Status check_request(const pb::OverrideRequest& request) {
  if (request.people().empty()) return fail("override.people", "an override for nobody", "1 to 100 people");
  if (request.for_s() >= kShortest_s && request.for_s() <= kLongest_s) return {};
  return fail("opening.syntax", "an opening for " + std::to_string(request.for_s()) + " s", std::string(kLengths));
}

}  // namespace

void describe(const store::Override& granted, pb::OverrideRecord& out) {
  out.set_person(granted.person);
  out.set_rule(granted.rule);
  out.set_role(granted.role);
  out.set_reason(granted.reason);
  out.set_granted_by(granted.granted_by);
  out.set_begin_s(granted.span.begin.unix_s);
  out.set_end_s(granted.span.end.unix_s);
}

Error Api::override_refused(std::string_view by, Error error) {
  const auto logged = services_.ledger.record(proxy::entries::override_refused(services_.ledger, by, error));
  return logged ? error : logged.error();
}

// The role that the rule demands, as the directory knows it now, and a second factor that is fresh.
policy::base::Status Api::may_grant(const session::SessionInfo& session, const pb::OverrideRequest& request) {
  const auto people = services_.people.load();
  const auto world = services_.world.load();
  const auto* const granter = people->find(session.person);
  const std::vector<std::string> groups = granter == nullptr ? std::vector<std::string>{} : granter->groups;
  if (auto may = policy::pack::may_override(*world->rules, request.rule(), groups, request.reason()); !may) return may;
  return services_.sessions.step_up(session, request.code());
}

Result<store::Override> Api::grant_one(const session::SessionInfo& session, const pb::OverrideRequest& request,
                                       const std::string& person) {
  const auto id = directory::canonical_uid(person);
  const auto people = services_.people.load();
  const auto* const there = id ? people->find(*id) : nullptr;
  const auto world = services_.world.load();
  const auto facts = id ? world->people.find(*id) : world->people.end();
  if (there == nullptr || facts == world->people.end())
    return fail("person.unknown", "person '" + policy::base::printable(person) + "'", "people of the directory",
                "check the spelling");
  // Also of somebody who never logged in: the answer must not say who has no device (design § 4).
  const auto known = services_.store.ensure_person(there->id, there->stable_id, {services_.random.array<16>()});
  if (!known) return std::unexpected(known.error());
  const auto now = services_.clock.now();
  return services_.opener.grant(
      *world->rules, facts->second,
      {*id, request.rule(), "", request.reason(), session.person, {now, now + Seconds{request.for_s()}}});
}

Api::Json Api::grant_overrides(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  auto body = relay::wire::parse_json<pb::OverrideRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  if (auto sound = check_request(*body); !sound) return std::unexpected(sound.error());
  if (auto may = may_grant(*session, *body); !may)
    return std::unexpected(override_refused(session->person, may.error()));
  pb::OverrideAnswers out;
  for (const auto& person : body->people()) {
    auto& answer = *out.add_answers();
    answer.set_person(person);
    const auto granted = grant_one(*session, *body, person);
    if (granted) {
      answer.set_until_s(granted->span.end.unix_s);
      continue;
    }
    *answer.mutable_problem() = relay::wire::to_problem(override_refused(session->person, granted.error()));
  }
  return relay::wire::to_json(out);
}

Api::Json Api::granted_overrides(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  const auto granted = services_.store.overrides_by(session->person);
  if (!granted) return std::unexpected(granted.error());
  pb::Overrides out;
  const std::span all(*granted);
  for (const auto& one : all.last(std::min(all.size(), kToldMax))) describe(one, *out.add_overrides());
  return relay::wire::to_json(out);
}

}  // namespace gateway::console
