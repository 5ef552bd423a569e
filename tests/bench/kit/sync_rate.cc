#include "tests/bench/kit/sync_rate.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace tests::bench {

double syncs_per_second(const std::string& folder, double seconds) {
  using Clock = std::chrono::steady_clock;
  const std::string path = folder + "/sync-rate";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  const auto begin = Clock::now();
  double count = 0, passed = 0;
  while (passed < seconds) {
    if (::write(fd, page.data(), page.size()) != static_cast<ssize_t>(page.size()) || ::fdatasync(fd) != 0) {
      std::perror(path.c_str());
      std::abort();
    }
    ++count;
    passed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  ::close(fd);
  ::unlink(path.c_str());
  return count / passed;
}

}  // namespace tests::bench
