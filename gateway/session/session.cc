// A session's life after its login: authenticate, rotate, end.
#include "gateway/session/session.h"

#include <algorithm>

namespace gateway::session {
namespace {

std::unexpected<base::Error> unknown() {
  return base::fail("session.unknown", "a token that opens no session", {}, "log in again");
}

}  // namespace

Sessions::Sessions(const Ports& ports, FactorKey key, std::string issuer, Rules rules)
    : store_(ports.store),
      directory_(ports.directory),
      clock_(ports.clock),
      random_(ports.random),
      key_(key),
      issuer_(std::move(issuer)),
      devices_(ports.store, ports.random),
      steps_(ports.clock, ports.random),
      replays_(ports.clock),
      rules_(std::move(rules)) {}

void Sessions::set_rules(Rules rules) {
  const std::scoped_lock lock(rules_mutex_);
  rules_ = std::move(rules);
}

Rules Sessions::rules() const {
  const std::scoped_lock lock(rules_mutex_);
  return rules_;
}

// Everything but the replay guard comes before it, so that only the device itself can fill it.
base::Result<Sessions::Found> Sessions::find(std::string_view token, const Proof& proof) {
  if (!looks_like_token(token)) return unknown();
  const auto session = store_.session_of(hash_token(token));
  if (!session) return std::unexpected(session.error());
  if (!*session) return unknown();
  const auto device = store_.device((*session)->device);
  if (!device) return std::unexpected(device.error());
  if (!*device) return unknown();
  const base::Instant now = clock_.now();
  if (auto status = check_proof(proof, token, (*device)->sign_key, now); !status)
    return std::unexpected(status.error());
  if ((*device)->state == store::DeviceState::wiped) return std::unexpected(device::wiped_error());
  if ((*session)->wiped || (*device)->state == store::DeviceState::removed)
    return std::unexpected(device::removed_error());
  const Rules rules = this->rules();
  const base::Instant expires = std::min((*session)->expires, (*session)->logged_in + rules.lifetime);
  if (now >= expires || now >= (*session)->last_seen + rules.idle) {
    if (const auto ended = store_.end_session((*session)->id); !ended) return std::unexpected(ended.error());
    return base::fail("session.expired", "a session that is over", {}, "log in again");
  }
  if (auto status = replays_.admit((*session)->id, proof.nonce); !status) return std::unexpected(status.error());
  const auto person = store_.person((*session)->person);
  if (!person) return std::unexpected(person.error());
  if (!*person) return unknown();
  return Found{.session = **session,
               .device = **device,
               .info = {.id = (*session)->id,
                        .person = (*session)->person,
                        .mailbox = (*person)->mailbox,
                        .device = (*session)->device,
                        .expires = expires,
                        .logged_in = (*session)->logged_in,
                        .waiting = (*device)->waiting}};
}

base::Status Sessions::step_up(const SessionInfo& session, std::string_view code) {
  const Rules rules = this->rules();
  const base::Instant now = clock_.now();
  base::Instant last = session.logged_in;
  {
    const std::scoped_lock lock(fresh_mutex_);
    if (const auto known = fresh_.find(session.id); known != fresh_.end()) last = std::max(last, known->second);
  }
  // A clock that was set back makes nothing fresh.
  if (last <= now && now < last + rules.step_up) return {};
  if (code.empty())
    return base::fail("factor.needed", "the second factor was shown at " + base::format_instant(last),
                      "within " + base::format_duration(rules.step_up), "give a one-time code");
  if (auto status = begin_attempt(session.person, rules); !status) return status;
  if (auto status = check_known_code(session.person, code); !status) return status;
  if (auto status = store_.clear_failures(session.person); !status) return status;
  const std::scoped_lock lock(fresh_mutex_);
  fresh_.insert_or_assign(session.id, now);
  return {};
}

base::Result<SessionInfo> Sessions::authenticate(std::string_view token, const Proof& proof) {
  const auto found = find(token, proof);
  if (!found) return std::unexpected(found.error());
  const base::Instant now = clock_.now();
  base::Status status;
  if (found->session.by_pending) status = store_.promote_pending(found->session.id);
  if (status && now.unix_s - found->session.last_seen.unix_s >= kTouchEvery_s)
    status = store_.touch(found->session.id, now);
  if (!status) return std::unexpected(status.error());
  return found->info;
}

base::Result<Rotated> Sessions::rotate(std::string_view token, const Proof& proof) {
  const auto info = authenticate(token, proof);
  if (!info) return std::unexpected(info.error());
  std::string next = make_token(random_);
  if (const auto status = store_.set_pending(info->id, hash_token(next)); !status)
    return std::unexpected(status.error());
  return Rotated{.token = std::move(next), .expires = info->expires};
}

base::Result<SessionInfo> Sessions::logout(std::string_view token, const Proof& proof) {
  const auto found = find(token, proof);
  if (!found) return std::unexpected(found.error());
  const auto ended = store_.end_session(found->session.id);
  if (!ended) return std::unexpected(ended.error());
  return found->info;
}

base::Result<std::vector<store::Device>> Sessions::devices(std::string_view person) { return devices_.list(person); }

base::Status Sessions::remove_device(std::string_view person, const base::DeviceId& device) {
  return devices_.remove(person, device, clock_.now());
}

base::Result<store::Device> Sessions::wipe_device(const base::DeviceId& device) {
  return devices_.wipe(device, clock_.now());
}

base::Status Sessions::reset_factor(std::string_view person) {
  if (auto status = store_.remove_factor(person); !status) return status;
  const auto closed = close_person(person);
  if (!closed) return std::unexpected(closed.error());
  return {};
}

base::Result<std::size_t> Sessions::close_person(std::string_view person) {
  steps_.drop_person(person);
  return store_.end_sessions_of(person);
}

base::Result<std::vector<ClosedPerson>> Sessions::close_missing(const directory::Snapshot& people) {
  auto with_sessions = store_.people_with_sessions();
  if (!with_sessions) return std::unexpected(with_sessions.error());
  std::vector<ClosedPerson> closed;
  for (std::string& person : *with_sessions) {
    const directory::Person* there = people.find(person);
    const auto known = store_.person(person);
    if (!known) return std::unexpected(known.error());
    // A uid that now belongs to somebody else is as gone as one that nobody has.
    const bool same =
        there && *known &&
        (there->stable_id == (*known)->stable_id || (*known)->stable_id.empty() || there->stable_id.empty());
    if (same) continue;
    const auto sessions = close_person(person);
    if (!sessions) return std::unexpected(sessions.error());
    closed.push_back({std::move(person), *sessions});
  }
  return closed;
}

base::Status Sessions::tick() {
  steps_.drop_old();
  {
    const base::Instant oldest = clock_.now() - rules().step_up;
    const std::scoped_lock lock(fresh_mutex_);
    std::erase_if(fresh_, [oldest](const auto& one) { return one.second < oldest; });
  }
  const auto purged = store_.purge_sessions(clock_.now());
  if (!purged) return std::unexpected(purged.error());
  return {};
}

}  // namespace gateway::session
