#include "tests/bench/kit/resident.h"

#include <chrono>
#include <cmath>
#include <fstream>
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

}  // namespace tests::bench
