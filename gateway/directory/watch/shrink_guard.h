// The judgement whether a snapshot may be believed. A wrong access rule, an emptied subtree or a half restored server
// answers correctly and completely with far too few people; closing thousands of sessions on its word would be an
// outage of our own making. Real mass departures are rare and can wait a few minutes: whoever is gone cannot log in
// meanwhile, because a login asks the directory itself.
//
// A snapshot that lacks more than `lost_share_max` of the people last believed, and at least `lost_min`, is held back.
// It is believed once `sightings` snapshots in a row, the last at least `confirm_after_ms` after the first, said so.
// Any believable snapshot in between starts this anew.
//
// A value with memory; one thread; time is passed in (base::Clock::elapsed_ms).
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/directory/port/person.h"

namespace gateway::directory {

struct ShrinkRules {
  double lost_share_max = 0.5;
  std::size_t lost_min = 10;
  int sightings = 3;
  std::int64_t confirm_after_ms = 10 * 60 * 1000;
};

class ShrinkGuard {
 public:
  explicit ShrinkGuard(const ShrinkRules& rules) : rules_(rules) {}

  // Error: directory.shrunk: not yet. `people_before` is the size of the last snapshot that was believed.
  base::Status offer(std::size_t people_before, std::size_t gone, std::int64_t now_ms);

 private:
  ShrinkRules rules_;
  int seen_ = 0;
  std::int64_t first_seen_ms_ = 0;
};

}  // namespace gateway::directory
