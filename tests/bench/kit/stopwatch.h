// Processor time of the calling thread: unlike time on the wall it hardly depends on what else the machine does.
#pragma once

#include <time.h>

namespace tests::bench {

class Stopwatch {
 public:
  double ns() const { return now_ns() - begin_ns_; }

 private:
  // A call takes some hundred nanoseconds: measure batches.
  static double now_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }

  double begin_ns_ = now_ns();
};

}  // namespace tests::bench
