// Real programs as children of a test: started, watched, stopped, killed. Their output goes into files of the test's
// folder and is printed when a test fails.
//
// Not thread-safe. The destructor kills and reaps.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tests::support {

// A folder of its own for one test, removed with everything in it at the end (kept when FEIERABEND_KEEP is set).
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class Process {
 public:
  struct Options {
    std::map<std::string, std::string> environment;  // added to the test's own
    std::filesystem::path output;                    // stdout and stderr; empty: discarded
  };

  Process() = default;
  Process(const std::vector<std::string>& command, const Options& options);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  bool running();
  void signal(int number) const;
  // Waits for the end; exit code, or 128 + signal. Nothing if it still runs after the time.
  std::optional<int> wait(int timeout_ms);
  // SIGTERM, then SIGKILL after five seconds.
  int stop();
  void kill();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// Runs to the end with this standard input; stdout and stderr apart. Exit code -1: it did not end in time and was
// killed.
struct Finished {
  int exit_code = -1;
  std::string out, err;
};
Finished run(const std::vector<std::string>& command, const std::string& input = {}, int timeout_ms = 60'000,
             const std::map<std::string, std::string>& environment = {});

// Waits until the file exists and is not empty; its text without the last newline.
std::optional<std::string> wait_for_file(const std::filesystem::path& path, int timeout_ms = 20'000);
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);
// Every regular file below `folder` that holds `marker` in its bytes.
std::vector<std::filesystem::path> files_with(const std::filesystem::path& folder, const std::string& marker);
// A program of this build ("feierabend-relay"), by FEIERABEND_BIN or beside the test.
std::string program(const std::string& name);

}  // namespace tests::support
