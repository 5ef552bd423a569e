#include "tests/bench/kit/resident.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace tests::bench {

Resident resident(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  Resident out;
  for (std::string line; std::getline(in, line);) {
    const auto value = [&](const std::string& name) {
      return line.starts_with(name) ? std::strtod(line.c_str() + name.size(), nullptr) : 0.0;
    };
    out.rss_KiB += value("Rss:");
    out.private_KiB += value("Private_Clean:") + value("Private_Dirty:");
  }
  return out;
}

Resident settled_resident(pid_t pid) {
  constexpr auto kBetween = std::chrono::milliseconds(500);
  constexpr int kReadingsMax = 20;
  constexpr double kNoise_KiB = 16;
  Resident last = resident(pid);
  int same = 0;
  for (int reading = 0; reading < kReadingsMax && same < 2; ++reading) {
    std::this_thread::sleep_for(kBetween);
    const Resident now = resident(pid);
    same = std::abs(now.rss_KiB - last.rss_KiB) <= kNoise_KiB ? same + 1 : 0;
    last = now;
  }
  return last;
}

// proc(5): the name in parentheses may hold anything; utime and stime are the 12th and 13th fields after it.
double processor_s(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace tests::bench
