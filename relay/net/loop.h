// One event loop, one thread. Everything that belongs to a loop is created, used and destroyed on its thread; values
// cross over by post(). The loop also carries the house's only timer: a tick at the start of every civil second, so
// that gates open at the right second and follow when somebody sets the clock.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "policy/base/clock.h"

namespace relay::net {

class Loop {
 public:
  // `clock` outlives the loop.
  explicit Loop(const policy::base::Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs on the calling thread until stop().
  void run();
  // From any thread. Handlers already posted still run.
  void stop();
  // From any thread: runs `work` on the loop's thread.
  void post(std::function<void()> work);

  // Loop thread only, before run() or from a handler: `on_tick(now)` at every whole second. Never removed.
  void every_second(std::function<void(policy::base::Instant)> on_tick);

  const policy::base::Clock& clock() const { return clock_; }
  boost::asio::io_context& context() { return context_; }

  // A buffer for reading, shared by all channels of this loop and valid until the handler returns.
  static constexpr std::size_t kScratchBytes = 64 * 1024;
  std::uint8_t* scratch() { return scratch_.get(); }

 private:
  void arm_tick();

  const policy::base::Clock& clock_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_alive_;
  boost::asio::steady_timer ticker_;
  std::vector<std::function<void(policy::base::Instant)>> on_tick_;
  std::unique_ptr<std::uint8_t[]> scratch_;
  policy::base::Instant last_tick_;
};

}  // namespace relay::net
