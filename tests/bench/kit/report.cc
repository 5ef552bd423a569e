#include "tests/bench/kit/report.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tests::bench {

Report::Report(std::string bench, const std::string& csv_path) : bench_(std::move(bench)) {
  if (csv_path.empty()) return;
  csv_ = std::fopen(csv_path.c_str(), "ae");
  if (csv_ != nullptr) return;
  std::fprintf(stderr, "cannot write %s\n", csv_path.c_str());
  std::exit(73);  // EX_CANTCREAT
}

Report::~Report() {
  if (csv_ != nullptr) std::fclose(csv_);
}

void Report::figure(std::string_view name, double value, std::string_view unit, std::string_view note) {
  const int digits = std::abs(value) >= 1000 ? 0 : std::abs(value) >= 10 ? 1 : 3;
  std::printf("  %-52.*s %12.*f %-14.*s %.*s\n", static_cast<int>(name.size()), name.data(), digits, value,
              static_cast<int>(unit.size()), unit.data(), static_cast<int>(note.size()), note.data());
  std::fflush(stdout);
  if (csv_ == nullptr) return;
  std::fprintf(csv_, "%s,%.*s,%.6g,%.*s,%.*s\n", bench_.c_str(), static_cast<int>(name.size()), name.data(), value,
               static_cast<int>(unit.size()), unit.data(), static_cast<int>(note.size()), note.data());
  std::fflush(csv_);
}

void Report::progress(const std::string& text) {
  std::fprintf(stderr, "  … %s\n", text.c_str());
  std::fflush(stderr);
}

double percentile(std::vector<double>& samples, double part) {
  if (samples.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(samples.size())));
  const auto at = samples.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(samples.begin(), at, samples.end());
  return *at;
}

}  // namespace tests::bench
