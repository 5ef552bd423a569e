#include "clients/core/pins.h"

#include "clients/trust/devices.h"

namespace clients::core {
namespace base = policy::base;
namespace record = store::record;
namespace pb = relay::wire::pb;

namespace {

std::unexpected<base::Error> key_changed(std::string_view device) {
  return base::fail("device.key-changed",
                    "other keys under device " + base::to_hex(base::as_bytes(device)) + " than before",
                    "the keys that were seen first",
                    "nothing is sent to or believed from it; tell your administrator, this must not happen by itself");
}

}  // namespace

base::Status pin_keys(store::Store& store, const pb::Conversation& conversation) {
  std::vector<record::PinnedDevice> fresh;
  for (const auto& member : conversation.members()) {
    for (const auto* device : trust::all_devices(member)) {
      const auto id = base::DeviceId::from_wire(device->device());
      if (!id || device->identity_key().size() != 32) continue;
      record::PinnedDevice pin;
      pin.set_device(device->device());
      pin.set_identity_key(device->identity_key());
      pin.set_person(member.person());
      pin.set_strict(true);
      auto before = store.pinned(*id);
      if (!before) return std::unexpected(before.error());
      if (!*before) fresh.push_back(std::move(pin));
    }
  }
  return store.pin_devices(fresh);
}

base::Status check_keys(store::Store& store, const pb::Conversation& conversation) {
  for (const auto& member : conversation.members()) {
    for (const auto* device : trust::all_devices(member)) {
      const auto id = base::DeviceId::from_wire(device->device());
      if (!id || device->identity_key().size() != 32)
        return base::fail("cipher.audience", "a device without proper keys", "keys of 32 bytes",
                          "tell your administrator");
      auto pinned = store.pinned(*id);
      if (!pinned) return std::unexpected(pinned.error());
      if (!*pinned || (*pinned)->person() != member.person() || (*pinned)->identity_key() != device->identity_key())
        return key_changed(device->device());
    }
  }
  return {};
}

}  // namespace clients::core
