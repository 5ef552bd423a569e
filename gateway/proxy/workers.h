// A small bounded pool for what blocks: the directory and the store. An event loop hands work in and gets the result
// back on its own thread. When too much waits, work is refused at once instead of queued without end.
//
// submit() may be called from any loop; `then` runs on that loop. The pool outlives no loop: stop it first.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

#include "policy/base/result.h"
#include "relay/net/loop.h"

namespace gateway::proxy {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t waiting_max) : pool_(threads), waiting_max_(waiting_max) {}
  ~Workers() { stop(); }

  // work() -> T with T a Result or Status; then(T) on `loop`. Error passed to `then` instead: http.busy.
  template <typename Work, typename Then>
  void submit(relay::net::Loop& loop, Work work, Then then) {
    using Answer = std::invoke_result_t<Work>;
    if (waiting_.fetch_add(1) >= waiting_max_) {
      waiting_.fetch_sub(1);
      loop.post([then = std::move(then)]() mutable { then(Answer(busy())); });
      return;
    }
    boost::asio::post(pool_, [this, &loop, work = std::move(work), then = std::move(then)]() mutable {
      auto answer = std::make_shared<Answer>(work());
      waiting_.fetch_sub(1);
      loop.post([answer, then = std::move(then)]() mutable { then(std::move(*answer)); });
    });
  }

  // Work without an answer; dropped when too much waits (returns false).
  bool submit(std::function<void()> work);
  // Finishes what has begun, forgets what waits.
  void stop();

 private:
  static std::unexpected<policy::base::Error> busy();

  boost::asio::thread_pool pool_;
  std::size_t waiting_max_;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace gateway::proxy
