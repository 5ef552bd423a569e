// Which person a device belongs to, for all devices ever enrolled: a delivery names the sender's person by it. Filled
// from the store at start, extended at each enrolment. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "policy/base/bytes.h"

namespace gateway::proxy {

class DeviceBook {
 public:
  void add(const policy::base::DeviceId& device, std::string person) {
    const std::unique_lock lock(mutex_);
    people_.insert_or_assign(device, std::move(person));
  }
  std::optional<std::string> person(const policy::base::DeviceId& device) const {
    const std::shared_lock lock(mutex_);
    const auto found = people_.find(device);
    return found == people_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<policy::base::DeviceId, std::string> people_;  // guarded by mutex_
};

}  // namespace gateway::proxy
