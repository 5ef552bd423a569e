// Who may have a leaf in the group of a conversation: devices that are enrolled, active and consented to, of people who
// are in the conversation and in the directory.
//
// Leaves name their device: credential basic, identity = the 16 bytes of its id, signature key = the key it was
// enrolled with. One Admission is for one request of one thread; it asks the store as often as it is asked.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clients/mls/group/environment.h"
#include "gateway/store/store.h"
#include "policy/base/clock.h"

namespace gateway::groups {

namespace base = policy::base;
namespace mls = clients::mls;

// What the delivery service stands on. Everything outlives it and may be called from any thread.
struct Ports {
  store::Store& store;
  const base::Clock& clock;
  const mls::Crypto& crypto;
  std::function<bool(std::string_view person)> in_directory;
  std::function<std::uint32_t()> devices_max;  // leaves of one person
};

// Nothing: the credential is not one of a device.
std::optional<base::DeviceId> device_of(const mls::Credential& credential);
inline std::optional<base::DeviceId> device_of(const mls::LeafNode& leaf) { return device_of(leaf.credential); }

class Admission {
 public:
  Admission(const Ports& ports, store::Conversation conversation)
      : ports_(ports), conversation_(std::move(conversation)) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  bool admits(const mls::LeafNode& leaf);
  // The same but for the leaf's key.
  std::optional<store::Device> admitted(const base::DeviceId& id);
  // Refers to this object.
  mls::Environment environment();
  const store::Conversation& conversation() const { return conversation_; }
  // A store that failed while it was asked: then nothing above says anything about the leaf.
  base::Status store_status() const { return failed_ ? base::Status(std::unexpected(*failed_)) : base::Status(); }

 private:
  const Ports& ports_;
  store::Conversation conversation_;
  std::optional<base::Error> failed_;
};

}  // namespace gateway::groups
