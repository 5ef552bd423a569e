// Devices: enrolling one, proving that one is here, listing, removing and wiping.
//
// A device is known by an Ed25519 key that never leaves it. It signs, over a challenge that the gateway gave out for
// this one login,
//
//   enrol:  "feierabend-device-enrol-v1" ‖ challenge (32 bytes) ‖ Ed25519 key (32) ‖ X25519 key (32)
//   prove:  "feierabend-device-prove-v1" ‖ challenge (32 bytes) ‖ device id (16)
//
// All parts have a fixed size, so no two messages read the same, and the label keeps a signature of one kind from being
// used as the other.
//
// Threads: every method may be called from any thread and blocks for the store. Lifetime: the store and the randomness
// outlive it. Errors besides the store's: those named at each method.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store/store.h"
#include "policy/base/random.h"

namespace gateway::device {

namespace base = policy::base;
using store::Device;
using store::DeviceKind;
using store::DeviceState;
using store::PublicKey;
using Challenge = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

constexpr std::size_t kNameSizeMax = 64;

struct EnrolRequest {
  std::string name;  // 1–64 bytes of printable UTF-8, chosen by the person
  DeviceKind kind = DeviceKind::phone;
  PublicKey sign_key{};
  Signature signature{};
};

struct Limit {
  std::uint32_t devices_max = 3;
  std::string cite;  // the rule that says so, shown with the refusal
};

base::Bytes enrol_message(const Challenge& challenge, const PublicKey& sign_key);
base::Bytes prove_message(const Challenge& challenge, const base::DeviceId& id);

std::string_view kind_name(DeviceKind kind);
base::Result<DeviceKind> parse_kind(std::string_view name);  // error: device.kind

class Devices {
 public:
  Devices(store::Store& store, base::Random& random) : store_(store), random_(random) {}

  // Idempotent: a repeat with the same keys by the same person gives the device that is there, so that a lost answer
  // costs no place. A person's second or later device waits for consent. Errors: device.name,
  // device.signature, device.limit (how many, which, allowed, what to do), device.wiped, device.key-known.
  base::Result<Device> enrol(std::string_view person, const EnrolRequest& request, const Challenge& challenge,
                             const Limit& limit, base::Instant now);

  // Errors: device.unknown, device.signature, device.removed, device.wiped. The last two only after a right signature:
  // nobody but the device itself is told. One that waits for a consent that nobody can give any more, waits no longer:
  // the person has shown both factors and has no other device.
  base::Result<Device> prove(std::string_view person, const base::DeviceId& id, const Challenge& challenge,
                             const Signature& signature);

  base::Result<std::vector<Device>> list(std::string_view person);

  // Frees its place and ends its session. Error: device.unknown (also: another person's).
  base::Status remove(std::string_view person, const base::DeviceId& id, base::Instant now);

  // As remove(), and the device is told when it comes back. For the administrator; whose it is does not matter. Wiping
  // twice is no error. Error: device.unknown.
  base::Result<Device> wipe(const base::DeviceId& id, base::Instant now);

 private:
  store::Store& store_;
  base::Random& random_;
};

// What a wiped or removed device is told, wherever it shows up.
base::Error wiped_error();
base::Error removed_error();
// Where somebody names another person's device, or none.
base::Error not_yours_error();
// What one that waits for consent is told when it asks for more than that.
base::Error waiting_error();

}  // namespace gateway::device
