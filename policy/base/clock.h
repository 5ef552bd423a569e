// The clock port. Nothing below an app/ or tool/ folder reads a clock of its own.
//
// `now` is civil time (UTC) and may jump when an administrator or NTP sets it; rules, deadlines and the log are
// counted in it. `elapsed` never goes back and does not know the date; time-outs and rates are counted in it.
// Implementations are safe to call from any thread.
#pragma once

#include <cstdint>

#include "policy/base/instant.h"

namespace policy::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual std::int64_t now_ms() const = 0;      // civil time, milliseconds since 1970, for waiting until a whole second
  virtual std::int64_t elapsed_ms() const = 0;  // monotonic
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
  std::int64_t now_ms() const override;
  std::int64_t elapsed_ms() const override;
};

}  // namespace policy::base
