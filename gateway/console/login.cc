#include <algorithm>

#include "gateway/console/api.h"
#include "gateway/proxy/entries.h"
#include "gateway/proxy/switchboard.h"
#include "relay/wire/codec.h"

namespace gateway::console {
namespace {

using policy::base::as_bytes;
using policy::base::DeviceId;
using policy::base::Error;
using policy::base::fail;
using policy::base::Result;

template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> exactly(const std::string& bytes, std::string_view what) {
  if (bytes.size() != kSize) {
    return fail("device.key", std::string(what) + " of " + std::to_string(bytes.size()) + " bytes",
                std::to_string(kSize) + " bytes");
  }
  std::array<std::uint8_t, kSize> out{};
  std::ranges::copy(as_bytes(bytes), out.begin());
  return out;
}

void describe(const store::Device& device, pb::DeviceRecord& out) {
  out.set_device(device.id.wire());
  out.set_name(device.name);
  out.set_kind(static_cast<pb::DeviceKind>(static_cast<int>(device.kind)));
  out.set_enrolled_at_s(device.enrolled.unix_s);
}

// "Anna" and "anna" are one person in the log, and what is nobody's id is nobody.
std::string logged_person(std::string_view typed) { return directory::canonical_uid(typed).value_or(""); }

}  // namespace

Error Api::login_failed(std::string_view person, Error error) {
  const auto logged =
      services_.ledger.record(proxy::entries::login_refused(services_.ledger, logged_person(person), error));
  return logged ? error : logged.error();
}

Api::Json Api::step_answer(const session::StepReply& reply) {
  pb::LoginStep step;
  step.set_next(reply.next == session::Stage::enrol_totp ? pb::TOTP_ENROL
                : reply.next == session::Stage::totp     ? pb::TOTP
                                                         : pb::DEVICE);
  step.set_step_token(reply.token);
  step.set_totp_uri(reply.totp.uri);
  if (reply.next == session::Stage::device) {
    step.set_challenge(reply.challenge.data(), reply.challenge.size());
    for (const auto& device : reply.devices) describe(device, *step.add_devices());
  }
  return relay::wire::to_json(step);
}

Api::Json Api::grant(const session::StepReply& reply) {
  const auto& session = reply.session;
  if (auto logged =
          services_.ledger.record(proxy::entries::session_opened(services_.ledger, session.person, session.device));
      !logged) {
    return std::unexpected(logged.error());
  }
  pb::SessionGrant out;
  out.set_token(reply.token);
  out.set_device(session.device.wire());
  out.set_person(session.person);
  const auto people = services_.people.load();
  if (const auto* const person = people->find(session.person)) out.set_display_name(person->display_name);
  out.set_expires_at_s(session.expires.unix_s);
  if (auto certified = describe_certificate(session, out); !certified) return std::unexpected(certified.error());
  return relay::wire::to_json(out);
}

// A first device, and one that waited in vain and is alone now, enter the log here.
policy::base::Status Api::describe_certificate(const session::SessionInfo& session, pb::SessionGrant& out) {
  const auto device = services_.store.device(session.device);
  if (!device) return std::unexpected(device.error());
  if (!*device)
    return fail("device.unknown", "no such device of this person", {}, "list the devices, or enrol this one");
  if (auto entered = services_.certificates.ensure_entered(**device); !entered) return entered;
  const auto statement = services_.certificates.statement(**device);
  if (!statement) return std::unexpected(statement.error());
  auto keys = logs();
  if (!keys) return std::unexpected(keys.error());
  out.set_statement(std::string(policy::base::as_text(*statement)));
  out.set_waiting((*device)->waiting);
  *out.mutable_logs() = std::move(*keys->mutable_logs());
  return {};
}

Api::Json Api::login_password(const ApiRequest& request) {
  auto body = relay::wire::parse_json<pb::PasswordRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto reply = services_.sessions.password(body->user(), body->password());
  if (!reply) return std::unexpected(login_failed(body->user(), reply.error()));
  return step_answer(*reply);
}

Api::Json Api::login_totp(const ApiRequest& request) {
  auto body = relay::wire::parse_json<pb::TotpRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto reply = services_.sessions.totp(body->step_token(), body->code());
  if (!reply)
    return std::unexpected(login_failed(services_.sessions.person_of_step(body->step_token()), reply.error()));
  return step_answer(*reply);
}

Api::Json Api::login_enrol(const ApiRequest& request) {
  auto body = relay::wire::parse_json<pb::EnrolRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto sign_key = exactly<32>(body->identity_key(), "an identity key");
  auto signature = exactly<64>(body->signature(), "a signature");
  for (const Error* wrong : {sign_key ? nullptr : &sign_key.error(), signature ? nullptr : &signature.error()}) {
    if (wrong != nullptr) return std::unexpected(*wrong);
  }
  if (body->kind() < pb::PHONE || body->kind() > pb::DESKTOP)
    return fail("device.kind", "no kind of device", "PHONE, TABLET, DESKTOP");
  const device::EnrolRequest wanted{body->name(), static_cast<store::DeviceKind>(static_cast<int>(body->kind())),
                                    *sign_key, *signature};
  auto reply = services_.sessions.enrol_device(body->step_token(), wanted);
  if (!reply) {
    const auto person = services_.sessions.person_of_step(body->step_token());
    const auto enrolled = services_.store.active_devices(person);
    const auto record =
        proxy::entries::device_refused(services_.ledger, person, reply.error(), enrolled ? enrolled->size() : 0);
    const auto logged = services_.ledger.record(record);
    return std::unexpected(logged ? reply.error() : logged.error());
  }
  const auto& session = reply->session;
  const auto record = proxy::entries::device_enrolled(services_.ledger, session.person, session.device, *sign_key);
  if (auto logged = services_.ledger.record(record); !logged) {
    // Not in the log, so not in the house: the device goes again before anybody has its token.
    (void)services_.sessions.remove_device(session.person, session.device);
    return std::unexpected(logged.error());
  }
  services_.book.add(session.device, session.person);
  if (!session.waiting) services_.switchboard.device_enrolled(session.device, session.mailbox);
  auto granted = grant(*reply);
  if (granted) tell_enrolled(session.device);
  return granted;
}

void Api::tell_enrolled(const DeviceId& id) {
  const auto device = services_.store.device(id);
  if (!device || !*device) return;
  const auto statement = services_.certificates.statement(**device);
  if (!statement) return;
  services_.switchboard.device_news((*device)->person,
                                    proxy::device_news(**device, pb::DeviceNews::ENROLLED, *statement));
}

Api::Json Api::login_device(const ApiRequest& request) {
  auto body = relay::wire::parse_json<pb::DeviceProofRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto device = DeviceId::from_wire(body->device());
  if (!device) return std::unexpected(device.error());
  auto signature = exactly<64>(body->signature(), "a signature");
  if (!signature) return std::unexpected(signature.error());
  auto reply = services_.sessions.prove_device(body->step_token(), *device, *signature);
  if (!reply)
    return std::unexpected(login_failed(services_.sessions.person_of_step(body->step_token()), reply.error()));
  return grant(*reply);
}

Api::Json Api::login_remove_device(const ApiRequest& request) {
  auto body = relay::wire::parse_json<pb::DeviceProofRequest>(request.body);
  if (!body) return std::unexpected(body.error());
  auto device = DeviceId::from_wire(body->device());
  if (!device) return std::unexpected(device.error());
  auto reply = services_.sessions.remove_device_at_login(body->step_token(), *device);
  if (!reply) return std::unexpected(reply.error());
  const auto person = owner_of(*device).value_or("");
  if (auto logged = services_.ledger.record(proxy::entries::device_removed(services_.ledger, person, *device)); !logged)
    return std::unexpected(logged.error());
  services_.switchboard.device_removed(*device);
  tell_removed(person, *device);
  return step_answer(*reply);
}

// What the caller signed is looked at once: the token that rotates is the one that authenticated.
Api::Json Api::session_rotate(const ApiRequest& request) {
  auto shown = credentials(request);
  if (!shown) return std::unexpected(shown.error());
  auto rotated = services_.sessions.rotate(shown->token, shown->proof);
  if (!rotated) return std::unexpected(rotated.error());
  pb::SessionGrant out;
  out.set_token(rotated->token);
  out.set_expires_at_s(rotated->expires.unix_s);
  return relay::wire::to_json(out);
}

Api::Json Api::session_logout(const ApiRequest& request) {
  auto shown = credentials(request);
  if (!shown) return std::unexpected(shown.error());
  auto session = services_.sessions.logout(shown->token, shown->proof);
  if (!session) return std::unexpected(session.error());
  services_.switchboard.session_closed(session->device);
  const auto record = proxy::entries::session_closed(services_.ledger, session->person, session->device,
                                                     audit::event::SessionEnd::kLogout);
  if (auto logged = services_.ledger.record(record); !logged) return std::unexpected(logged.error());
  return relay::wire::to_json(pb::Empty());
}

}  // namespace gateway::console
