#include "gateway/proxy/send_meter.h"

#include <algorithm>

namespace gateway::proxy {

using policy::base::Instant;
using policy::base::Seconds;

policy::base::Status SendMeter::admit(const std::string& person, policy::model::MessageClass message_class,
                                      const std::string& message_id, std::span<const policy::pack::SendLimit> limits,
                                      Instant now) {
  const std::scoped_lock lock(mutex_);
  auto& sent = sent_[{person, message_class}];
  if (std::ranges::find(sent, message_id, &Sent::message_id) != sent.end()) return {};
  Seconds longest{};
  for (const auto& limit : limits) longest = std::max(longest, limit.per);
  while (!sent.empty() && sent.front().at + longest <= now) sent.pop_front();
  for (const auto& limit : limits) {
    const auto first = std::ranges::find_if(sent, [&](const Sent& one) { return one.at + limit.per > now; });
    if (static_cast<std::uint64_t>(sent.end() - first) < limit.count) continue;
    return policy::base::fail("alarm.limit",
                              "message number " + std::to_string(limit.count + 1) + " of this class within " +
                                  policy::base::format_duration(limit.per),
                              "at most " + std::to_string(limit.count) + " (rule " + limit.rule + ")",
                              "the next one may be sent at " + policy::base::format_instant(first->at + limit.per));
  }
  sent.push_back({now, message_id});
  return {};
}

}  // namespace gateway::proxy
