#include <algorithm>

#include "audit/checkpoint/origin.h"
#include "gateway/console/api.h"
#include "gateway/proxy/entries.h"
#include "gateway/proxy/switchboard.h"
#include "relay/wire/codec.h"

namespace gateway::console {

using policy::base::DeviceId;
using policy::base::fail;
using policy::base::Result;

Result<pb::DeviceList> Api::list(const std::string& person, const DeviceId& own, bool statements) {
  auto devices = services_.store.all_devices(person);
  if (!devices) return std::unexpected(devices.error());
  pb::DeviceList out;
  out.set_devices_max(services_.devices_max);
  for (const auto& device : *devices) {
    if (device.state == store::DeviceState::removed) continue;
    auto* const one = out.add_devices();
    one->set_device(device.id.wire());
    one->set_name(device.name);
    one->set_kind(static_cast<pb::DeviceKind>(static_cast<int>(device.kind)));
    one->set_enrolled_at_s(device.enrolled.unix_s);
    one->set_this_device(device.id == own);
    one->set_wiped(device.state == store::DeviceState::wiped);
    one->set_waiting(device.waiting);
    if (!statements || device.state != store::DeviceState::active) continue;
    const auto statement = services_.certificates.statement(device);
    if (!statement) return std::unexpected(statement.error());
    one->set_statement(std::string(policy::base::as_text(*statement)));
  }
  return out;
}

Api::Json Api::own_devices(const ApiRequest& request) {
  auto session = authenticate(request);
  if (!session) return std::unexpected(session.error());
  auto devices = list(session->person, session->device, true);
  if (!devices) return std::unexpected(devices.error());
  return relay::wire::to_json(*devices);
}

Api::Json Api::remove_own_device(const ApiRequest& request) {
  auto session = authenticate(request);
  if (!session) return std::unexpected(session.error());
  auto body = relay::wire::parse_json<pb::DeviceRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto device = DeviceId::from_wire(body->device());
  if (!device) return std::unexpected(device.error());
  if (owner_of(*device) != session->person) return std::unexpected(device::not_yours_error());
  if (session->waiting && *device != session->device) return std::unexpected(device::waiting_error());
  if (auto logged = services_.ledger.record(proxy::entries::device_removed(services_.ledger, session->person, *device));
      !logged) {
    return std::unexpected(logged.error());
  }
  if (auto removed = services_.sessions.remove_device(session->person, *device); !removed)
    return std::unexpected(removed.error());
  services_.switchboard.device_removed(*device);
  tell_removed(session->person, *device);
  return relay::wire::to_json(pb::Empty());
}

void Api::tell_removed(const std::string& person, const DeviceId& device) {
  const auto stored = services_.store.device(device);
  if (!stored || !*stored) return;  // those who list their devices see it
  services_.switchboard.device_news(person, proxy::device_news(**stored, pb::DeviceNews::REMOVED));
}

Api::Json Api::consent_to_device(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return std::unexpected(session.error());
  auto body = relay::wire::parse_json<pb::ConsentRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto device = DeviceId::from_wire(body->device());
  if (!device) return std::unexpected(device.error());
  audit::certificate::Signature signature{};
  if (body->signature().size() != signature.size())
    return fail("wire.id-size", "a signature of " + std::to_string(body->signature().size()) + " bytes",
                "exactly " + std::to_string(signature.size()) + " bytes");
  std::ranges::copy(policy::base::as_bytes(body->signature()), signature.begin());
  const auto consented = services_.certificates.consent(session->device, *device, signature);
  if (!consented) return std::unexpected(consented.error());
  services_.switchboard.device_consented(*device, session->mailbox);
  const auto statement = services_.certificates.statement(*consented);
  services_.switchboard.device_news(
      session->person,
      proxy::device_news(*consented, pb::DeviceNews::CONSENTED, statement ? *statement : policy::base::Bytes()));
  return relay::wire::to_json(pb::Empty());
}

Result<pb::LogKeys> Api::logs() {
  const auto keys = services_.ledger.verifier_keys();
  if (!keys) return std::unexpected(keys.error());
  pb::LogKeys out;
  for (const auto& key : *keys) {
    auto* const one = out.add_logs();
    one->set_origin(key.name());
    one->set_verifier_key(key.text());
    const auto origin = audit::checkpoint::parse_origin(key.name());
    one->set_year(static_cast<std::uint32_t>(origin ? origin->year : 0));
  }
  return out;
}

Api::Json Api::log_keys(const ApiRequest& request) {
  if (auto session = authenticate(request); !session) return std::unexpected(session.error());
  const auto keys = logs();
  if (!keys) return std::unexpected(keys.error());
  return relay::wire::to_json(*keys);
}

// The book knows every device whose enrolment was told to anybody; the store also those whose answer was lost.
std::optional<std::string> Api::owner_of(const DeviceId& device) {
  if (auto person = services_.book.person(device)) return person;
  const auto stored = services_.store.device(device);
  return stored && *stored ? std::optional((*stored)->person) : std::nullopt;
}

// Roles come from the directory, at every request: who leaves the group is no administrator from the next snapshot on.
Result<session::SessionInfo> Api::authenticate_admin(const ApiRequest& request) {
  auto session = authenticate_usable(request);
  if (!session) return session;
  const auto people = services_.people.load();
  const auto* const person = people->find(session->person);
  const bool admin = person != nullptr && !services_.admin_group.empty() &&
                     std::ranges::find(person->groups, services_.admin_group) != person->groups.end();
  if (!admin)
    return fail("role.missing", "a person without the role of administrator",
                "members of the directory group for administrators", "ask an administrator");
  return session;
}

Api::Json Api::admin_devices(const ApiRequest& request) {
  auto session = authenticate_admin(request);
  if (!session) return std::unexpected(session.error());
  auto body = relay::wire::parse_json<pb::PersonRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  const auto people = services_.people.load();
  if (people->find(body->person()) == nullptr) {
    return fail("person.unknown", "person '" + policy::base::printable(body->person()) + "'", "people of the directory",
                "check the spelling");
  }
  auto devices = list(body->person(), session->device, false);
  if (!devices) return std::unexpected(devices.error());
  return relay::wire::to_json(*devices);
}

Api::Json Api::admin_wipe(const ApiRequest& request) {
  auto session = authenticate_admin(request);
  if (!session) return std::unexpected(session.error());
  auto body = relay::wire::parse_json<pb::DeviceRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto device = DeviceId::from_wire(body->device());
  if (!device) return std::unexpected(device.error());
  const auto reason = audit::event::from_id<audit::event::WipeReason>(body->reason());
  if (!reason) {
    std::string allowed;
    for (const auto& word : audit::event::Vocabulary<audit::event::WipeReason>::kWords)
      allowed += (allowed.empty() ? "" : ", ") + std::string(word.id);
    return fail("wipe.reason", "reason '" + policy::base::printable(body->reason()) + "'", allowed,
                "give one of these");
  }
  const auto person = owner_of(*device);
  if (!person)
    return fail("device.unknown", "a device that was never enrolled", "an enrolled device",
                "list the person's devices first");
  const auto record = proxy::entries::device_wiped(services_.ledger, *person, *device, session->person, *reason);
  if (auto logged = services_.ledger.record(record); !logged) return std::unexpected(logged.error());
  if (auto wiped = services_.sessions.wipe_device(*device); !wiped) return std::unexpected(wiped.error());
  services_.switchboard.device_wiped(*device, body->reason());
  tell_removed(*person, *device);
  return relay::wire::to_json(pb::Empty());
}

}  // namespace gateway::console
