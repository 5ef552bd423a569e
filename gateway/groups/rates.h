// How often something may happen to one device within an hour that begins with the first time. Bounded: when too many
// devices are counted, nobody new is admitted until the hour of some is over.
//
// One thread at a time; instants are the caller's.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "policy/base/bytes.h"
#include "policy/base/instant.h"

namespace gateway::groups {

namespace base = policy::base;

class Rates {
 public:
  static constexpr std::int64_t kPer_s = 3600;
  static constexpr std::size_t kDevicesMax = 200'000;  // 23,000 people have 69,000

  explicit Rates(std::uint32_t per_hour_max) : max_(per_hour_max) {}

  // Counts `count` more for this device, or nothing if that were too many.
  bool admit(const base::DeviceId& device, std::uint32_t count, base::Instant now);

 private:
  struct Hour {
    base::Instant begin;
    std::uint32_t count = 0;
  };

  std::uint32_t max_;
  std::unordered_map<base::DeviceId, Hour> hours_;
};

}  // namespace gateway::groups
