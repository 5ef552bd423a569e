// Counts what rules limit: how often a person sends an alarm. One count for all loops of this gateway; it begins anew
// with the process. A repeated send of the same message is counted once.
//
// Thread-safe. Bounded: only classes with a limit are counted, and what is older than the longest limit is forgotten.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/pack/rule_set.h"

namespace gateway::proxy {

class SendMeter {
 public:
  // Counts the message if every limit lets it pass. Error: alarm.limit, with the rule and when the next one may be
  // sent.
  policy::base::Status admit(const std::string& person, policy::model::MessageClass message_class,
                             const std::string& message_id, std::span<const policy::pack::SendLimit> limits,
                             policy::base::Instant now);

 private:
  struct Sent {
    policy::base::Instant at;
    std::string message_id;
  };
  std::mutex mutex_;
  std::map<std::pair<std::string, policy::model::MessageClass>, std::deque<Sent>> sent_;  // guarded by mutex_
};

}  // namespace gateway::proxy
