#include "gateway/directory/watch/shrink_guard.h"

#include <string>

namespace gateway::directory {

base::Status ShrinkGuard::offer(std::size_t people_before, std::size_t gone, std::int64_t now_ms) {
  const bool suspicious =
      gone >= rules_.lost_min && static_cast<double>(gone) > rules_.lost_share_max * static_cast<double>(people_before);
  if (!suspicious) {
    seen_ = 0;
    return {};
  }
  if (seen_++ == 0) first_seen_ms_ = now_ms;
  if (seen_ >= rules_.sightings && now_ms - first_seen_ms_ >= rules_.confirm_after_ms) {
    seen_ = 0;
    return {};
  }
  return base::fail(
      "directory.shrunk", std::to_string(gone) + " of " + std::to_string(people_before) + " people are gone at once",
      "at most " + std::to_string(static_cast<int>(rules_.lost_share_max * 100)) + " % without confirmation",
      "check bases and access rules; if it is right, it takes effect " +
          std::to_string(rules_.confirm_after_ms / 60000) + " minutes after it was first seen");
}

}  // namespace gateway::directory
