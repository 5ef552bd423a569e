// Thousands of TLS connections that say one thing, wait for an answer of a known size and then stand idle: for servers
// that do not speak our protocol.
//
// The lane outlives it; stop the lane before the crowd goes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/kit/lane.h"

namespace tests::bench {

class Crowd {
 public:
  // hello(i) is what connection i sends after the handshake.
  Crowd(Lane& lane, std::function<std::string(std::size_t)> hello, std::size_t answer_bytes);
  ~Crowd();

  // Connects until there are `count`. Error: what the connection said, crowd.lost if one of the earlier ones has gone.
  policy::base::Status grow_to(std::size_t count);

 private:
  class Idler;
  Lane& lane_;
  std::function<std::string(std::size_t)> hello_;
  std::size_t answer_bytes_;
  std::vector<std::shared_ptr<Idler>> idlers_;
  std::size_t lost_ = 0;
};

}  // namespace tests::bench
