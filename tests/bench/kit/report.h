// Figures of a bench: printed for people at once, kept for machines as CSV rows "bench,figure,value,unit,note".
//
// One thread. A file that cannot be written ends the program: figures that are lost are no figures.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace tests::bench {

class Report {
 public:
  // `csv_path` empty: only printed. Rows are appended.
  Report(std::string bench, const std::string& csv_path);
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  void figure(std::string_view name, double value, std::string_view unit, std::string_view note = "");
  // A line for whoever waits; not in the CSV.
  static void progress(const std::string& text);

 private:
  std::string bench_;
  std::FILE* csv_ = nullptr;
};

// Of samples in any order, `part` in [0, 1]: the smallest sample that so much of all samples does not exceed. 0 without
// samples.
double percentile(std::vector<double>& samples, double part);

}  // namespace tests::bench
