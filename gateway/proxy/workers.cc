#include "gateway/proxy/workers.h"

namespace gateway::proxy {

std::unexpected<policy::base::Error> Workers::busy() {
  return policy::base::fail("http.busy", "too many requests wait for the directory and the store", "",
                            "try again in a few seconds");
}

bool Workers::submit(std::function<void()> work) {
  if (waiting_.fetch_add(1) >= waiting_max_) {
    waiting_.fetch_sub(1);
    return false;
  }
  boost::asio::post(pool_, [this, work = std::move(work)] {
    work();
    waiting_.fetch_sub(1);
  });
  return true;
}

void Workers::stop() {
  pool_.stop();
  pool_.join();
}

}  // namespace gateway::proxy
