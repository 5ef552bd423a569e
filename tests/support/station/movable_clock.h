// The clock of a world in a test: civil time that can be moved ahead of the system's; what has elapsed goes on as it
// is. Station::move_clock moves the daemons' time with it.
//
// Thread-safe.
#pragma once

#include <atomic>

#include "policy/base/clock.h"

namespace tests::support {

class MovableClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return system_.now() + ahead(); }
  std::int64_t now_ms() const override { return system_.now_ms() + ahead().count * 1000; }
  std::int64_t elapsed_ms() const override { return system_.elapsed_ms(); }

  policy::base::Seconds ahead() const { return policy::base::Seconds{ahead_s_}; }
  void set_ahead(policy::base::Seconds ahead) { ahead_s_ = ahead.count; }

 private:
  policy::base::SystemClock system_;
  std::atomic<std::int64_t> ahead_s_{0};
};

}  // namespace tests::support
