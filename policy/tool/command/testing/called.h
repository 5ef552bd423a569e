// The program as people call it, with a folder of its own for files and what it said. For tests; one thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "policy/tool/command/command.h"

namespace policy::tool {

class FixedClock final : public base::Clock {
 public:
  base::Instant now() const override { return base::parse_instant("2026-06-01T13:00:00Z").value(); }
  std::int64_t now_ms() const override { return now().unix_s * 1000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

class Called : public ::testing::Test {
 protected:
  // The folder is named after the test and the process, so that test programs can run side by side.
  Called()
      : folder_(std::filesystem::temp_directory_path() /
                ("policy_tool." + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + "." +
                 std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Called() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // Writes it and gives its path.
  std::string file(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return path(name);
  }
  // A path in the folder, or from the root of the tree.
  std::string read(const std::filesystem::path& name) const {
    std::ifstream in(name.is_absolute() || !std::filesystem::exists(folder_ / name) ? name : folder_ / name,
                     std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  int call(const std::vector<std::string>& arguments, std::string_view locale = {}) {
    out_.str("");
    err_.str("");
    return run(arguments, {out_, err_}, FixedClock(), locale);
  }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  std::filesystem::path folder_;
  std::ostringstream out_, err_;
};

}  // namespace policy::tool
