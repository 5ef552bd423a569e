// Plain allows are counted, not listed: one count a class and quarter of an hour, told only from five upwards.
//
// Pure; one thread at a time.
#pragma once

#include <array>
#include <vector>

#include "audit/event/record.h"

namespace audit::log {

class AllowCounter {
 public:
  static constexpr policy::base::Seconds kCell{900};

  // What became complete because `now` lies in a later quarter (or an earlier one, after a clock was set back).
  std::vector<event::Record> count(event::MessageClass message_class, policy::base::Instant now);
  std::vector<event::Record> advance(policy::base::Instant now);
  // What has been counted so far; starts again from zero.
  std::vector<event::Record> take();

 private:
  policy::base::Instant quarter_{};
  std::array<std::uint64_t, event::Vocabulary<event::MessageClass>::kWords.size()> counts_{};
};

}  // namespace audit::log
