#include "gateway/groups/rates.h"

namespace gateway::groups {
namespace {

// A clock that was set back must not lengthen anybody's hour.
bool is_over(base::Instant begin, base::Instant now) {
  return now < begin || now.unix_s - begin.unix_s >= Rates::kPer_s;
}

}  // namespace

bool Rates::admit(const base::DeviceId& device, std::uint32_t count, base::Instant now) {
  if (hours_.size() >= kDevicesMax && !hours_.contains(device))
    std::erase_if(hours_, [&](const auto& one) { return is_over(one.second.begin, now); });
  if (hours_.size() >= kDevicesMax && !hours_.contains(device)) return false;
  Hour& hour = hours_.try_emplace(device, Hour{now, 0}).first->second;
  if (is_over(hour.begin, now)) hour = {now, 0};
  if (count > max_ || hour.count > max_ - count) return false;
  hour.count += count;
  return true;
}

}  // namespace gateway::groups
