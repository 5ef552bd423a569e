#include "relay/net/loop.h"

#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

namespace relay::net {

Loop::Loop(const policy::base::Clock& clock)
    : clock_(clock),
      keep_alive_(boost::asio::make_work_guard(context_)),
      ticker_(context_),
      scratch_(std::make_unique<std::uint8_t[]>(kScratchBytes)),
      last_tick_(clock.now()) {
  // A peer that has gone is an error code of write(), not a reason to die.
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() = default;

void Loop::run() {
  arm_tick();
  context_.run();
}

void Loop::stop() {
  boost::asio::post(context_, [this] { context_.stop(); });
}

void Loop::post(std::function<void()> work) { boost::asio::post(context_, std::move(work)); }

void Loop::every_second(std::function<void(policy::base::Instant)> on_tick) { on_tick_.push_back(std::move(on_tick)); }

void Loop::arm_tick() {
  const std::int64_t until_next_ms = 1000 - ((clock_.now_ms() % 1000 + 1000) % 1000);
  ticker_.expires_after(std::chrono::milliseconds(until_next_ms));
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const policy::base::Instant now = clock_.now();
    // A timer may fire a hair early; the same second is never told twice, a clock set back is told at once.
    if (now != last_tick_) {
      last_tick_ = now;
      for (std::size_t i = 0; i < on_tick_.size(); ++i) on_tick_[i](now);
    }
    arm_tick();
  });
}

}  // namespace relay::net
