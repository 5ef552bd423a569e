#include "tests/bench/kit/sync_rate.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace tests::bench {

namespace {

using Clock = std::chrono::steady_clock;
const std::string kPage(4096, 'x');

double since_s(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void write_page(int fd, off_t offset, const std::string& path) {
  if (::pwrite(fd, kPage.data(), kPage.size(), offset) == static_cast<ssize_t>(kPage.size()) && ::fdatasync(fd) == 0)
    return;
  std::perror(path.c_str());
  std::abort();
}

}  // namespace

double syncs_per_second(const std::string& folder, double seconds) {
  const std::string path = folder + "/sync-rate";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const auto begin = Clock::now();
  off_t count = 0;
  double passed = 0;
  while (passed < seconds) {
    write_page(fd, count++ * static_cast<off_t>(kPage.size()), path);
    passed = since_s(begin);
  }
  ::close(fd);
  ::unlink(path.c_str());
  return static_cast<double>(count) / passed;
}

std::vector<double> syncs_in_place_us(const std::string& folder, double seconds) {
  constexpr off_t kPages = 64;
  const std::string path = folder + "/sync-in-place";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  for (off_t page = 0; page < kPages; ++page) write_page(fd, page * static_cast<off_t>(kPage.size()), path);
  ::fsync(fd);
  std::vector<double> taken_us;
  const auto begin = Clock::now();
  do {
    const auto one = Clock::now();
    write_page(fd, static_cast<off_t>(taken_us.size()) % kPages * static_cast<off_t>(kPage.size()), path);
    taken_us.push_back(since_s(one) * 1e6);
  } while (since_s(begin) < seconds);
  ::close(fd);
  ::unlink(path.c_str());
  return taken_us;
}

}  // namespace tests::bench
