#include "gateway/device/device.h"

#include <sodium.h>

#include <algorithm>

namespace gateway::device {
namespace {

constexpr std::string_view kEnrolLabel = "feierabend-device-enrol-v2";
constexpr std::string_view kProveLabel = "feierabend-device-prove-v1";

void append(base::Bytes& to, base::ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

bool verified(const base::Bytes& message, const Signature& signature, const PublicKey& key) {
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

base::Error signature_error() {
  return {.code = "device.signature",
          .seen = "a signature that the device's key did not make over this challenge",
          .allowed = "an Ed25519 signature over the challenge of this login",
          .remedy = "start the login again on the device itself",
          .where = {}};
}

base::Status check_request(const EnrolRequest& request, const Challenge& challenge) {
  const std::string shown = base::printable(request.name, kNameSizeMax);
  if (request.name.empty() || request.name.size() > kNameSizeMax || shown != request.name)
    return base::fail("device.name", "a device name '" + shown + "'", "1 to 64 bytes of printable text",
                      "choose a short name, such as 'Diensthandy'");
  if (!verified(enrol_message(challenge, request.sign_key), request.signature, request.sign_key))
    return std::unexpected(signature_error());
  return {};
}

base::Error limit_error(const std::vector<Device>& active, const Limit& limit) {
  std::string seen = std::to_string(active.size()) + " devices are enrolled:";
  for (const Device& device : active)
    seen += " '" + base::printable(device.name) + "' (" + std::string(kind_name(device.kind)) + ", since " +
            base::format_instant(device.enrolled).substr(0, 10) + ", id " + device.id.text() + ")";
  return {.code = "device.limit",
          .seen = seen,
          .allowed = "at most " + std::to_string(limit.devices_max) + " per person" +
                     (limit.cite.empty() ? std::string() : " (" + limit.cite + ")"),
          .remedy = "remove one of them, then enrol again",
          .where = {}};
}

base::Error unknown_error() {
  return {.code = "device.unknown",
          .seen = "no such device of this person",
          .allowed = {},
          .remedy = "list the devices, or enrol this one",
          .where = {}};
}

// The same device of the same person again: its first enrolment was stored, and the answer was lost on the way.
bool is_repeat(const Device& known, std::string_view person) {
  return known.state == DeviceState::active && known.person == person;
}

base::Error key_error(const std::optional<Device>& known) {
  if (known && known->state == DeviceState::wiped) return wiped_error();
  return {.code = "device.key-known",
          .seen = "a device key that was enrolled before",
          .allowed = "a new key for every enrolment",
          .remedy = "log in with the device as it is, or make new keys on it",
          .where = {}};
}

}  // namespace

base::Bytes enrol_message(const Challenge& challenge, const PublicKey& sign_key) {
  base::Bytes message;
  append(message, base::as_bytes(kEnrolLabel));
  append(message, challenge);
  append(message, sign_key);
  return message;
}

base::Bytes prove_message(const Challenge& challenge, const base::DeviceId& id) {
  base::Bytes message;
  append(message, base::as_bytes(kProveLabel));
  append(message, challenge);
  append(message, id.view());
  return message;
}

std::string_view kind_name(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::phone: return "phone";
    case DeviceKind::tablet: return "tablet";
    case DeviceKind::desktop: return "desktop";
  }
  return "unknown";
}

base::Result<DeviceKind> parse_kind(std::string_view name) {
  for (const DeviceKind kind : {DeviceKind::phone, DeviceKind::tablet, DeviceKind::desktop})
    if (name == kind_name(kind)) return kind;
  return base::fail("device.kind", "a device kind '" + base::printable(name) + "'", "phone, tablet or desktop");
}

base::Error wiped_error() {
  return {.code = "device.wiped",
          .seen = "this device was wiped by the administration",
          .allowed = {},
          .remedy = "delete its local data; enrol it anew with new keys once the administration agrees",
          .where = {}};
}

base::Error removed_error() {
  return {.code = "device.removed",
          .seen = "this device was removed",
          .allowed = {},
          .remedy = "enrol it anew with new keys",
          .where = {}};
}

base::Result<Device> Devices::enrol(std::string_view person, const EnrolRequest& request, const Challenge& challenge,
                                    const Limit& limit, base::Instant now) {
  if (auto status = check_request(request, challenge); !status) return std::unexpected(status.error());
  const auto known = store_.device_of_key(request.sign_key);
  if (!known) return std::unexpected(known.error());
  if (*known && is_repeat(**known, person)) return **known;
  if (*known) return std::unexpected(key_error(*known));
  const Device device{.id = {random_.array<base::DeviceId::kSizeBytes>()},
                      .person = std::string(person),
                      .name = request.name,
                      .kind = request.kind,
                      .state = DeviceState::active,
                      .sign_key = request.sign_key,
                      .enrolled = now,
                      .ended = {},
                      .waiting = true};
  const auto added = store_.add_device(device, limit.devices_max);
  if (!added) return std::unexpected(added.error());
  if (*added == store::Store::Added::limit_reached) {
    const auto active = store_.active_devices(person);
    return std::unexpected(active ? limit_error(*active, limit) : active.error());
  }
  if (*added == store::Store::Added::key_known) {
    const auto other = store_.device_of_key(request.sign_key);  // enrolled elsewhere in this moment
    return std::unexpected(other ? key_error(*other) : other.error());
  }
  auto stored = store_.device(device.id);  // it may have to wait
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return std::unexpected(unknown_error());
  return **std::move(stored);
}

base::Result<Device> Devices::prove(std::string_view person, const base::DeviceId& id, const Challenge& challenge,
                                    const Signature& signature) {
  auto device = store_.device(id);
  if (!device) return std::unexpected(device.error());
  if (!*device || (*device)->person != person) return std::unexpected(unknown_error());
  if (!verified(prove_message(challenge, id), signature, (*device)->sign_key))
    return std::unexpected(signature_error());
  if ((*device)->state == DeviceState::wiped) return std::unexpected(wiped_error());
  if ((*device)->state == DeviceState::removed) return std::unexpected(removed_error());
  if (!(*device)->waiting) return **std::move(device);
  const auto alone = store_.end_waiting_if_alone(id);
  if (!alone) return std::unexpected(alone.error());
  (*device)->waiting = !*alone;
  return **std::move(device);
}

base::Error not_yours_error() {
  return {.code = "device.unknown",
          .seen = "a device that is not yours",
          .allowed = "one of your devices",
          .remedy = "list them first",
          .where = {}};
}

base::Error waiting_error() {
  return {.code = "device.waiting",
          .seen = "a device that waits for the consent of another one",
          .allowed = "devices that the person has confirmed",
          .remedy = "confirm it on another of your devices",
          .where = {}};
}

base::Result<std::vector<Device>> Devices::list(std::string_view person) { return store_.active_devices(person); }

base::Status Devices::remove(std::string_view person, const base::DeviceId& id, base::Instant now) {
  const auto device = store_.device(id);
  if (!device) return std::unexpected(device.error());
  if (!*device || (*device)->person != person || (*device)->state != DeviceState::active)
    return std::unexpected(unknown_error());
  const auto ended = store_.end_device(id, DeviceState::removed, now);
  if (!ended) return std::unexpected(ended.error());
  return {};
}

base::Result<Device> Devices::wipe(const base::DeviceId& id, base::Instant now) {
  const auto ended = store_.end_device(id, DeviceState::wiped, now);
  if (!ended) return std::unexpected(ended.error());
  auto device = store_.device(id);
  if (!device) return std::unexpected(device.error());
  if (!*device) return std::unexpected(unknown_error());
  return **std::move(device);
}

}  // namespace gateway::device
