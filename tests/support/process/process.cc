#include "tests/support/process/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

namespace tests::support {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void become(std::vector<std::string> command, const std::map<std::string, std::string>& environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves nothing behind
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  ::execvp(command[0].c_str(), pointers(command).data());
  std::fprintf(stderr, "cannot start %s\n", command[0].c_str());
  ::_exit(127);
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

void drain(int fd, std::string& into) {
  std::array<char, 65536> buffer{};
  const ssize_t size = ::read(fd, buffer.data(), buffer.size());
  if (size > 0) into.append(buffer.data(), static_cast<std::size_t>(size));
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / ("feierabend-" + name + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  if (std::getenv("FEIERABEND_KEEP") != nullptr) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Process::Process(const std::vector<std::string>& command, const Options& options) {
  pid_ = ::fork();
  if (pid_ != 0) return;
  const std::string output = options.output.empty() ? "/dev/null" : options.output.string();
  const int fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(fd, STDOUT_FILENO);
  ::dup2(fd, STDERR_FILENO);
  ::close(fd);
  become(command, options.environment);
}

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), exit_code_(other.exit_code_) {}

Process& Process::operator=(Process&& other) noexcept {
  kill();
  pid_ = std::exchange(other.pid_, -1);
  exit_code_ = other.exit_code_;
  return *this;
}

Process::~Process() { kill(); }

bool Process::running() { return pid_ > 0 && !wait(0); }

void Process::signal(int number) const {
  if (pid_ > 0 && !exit_code_) ::kill(pid_, number);
}

std::optional<int> Process::wait(int timeout_ms) {
  const auto end = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!exit_code_ && pid_ > 0) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_code_ = code_of(status);
    if (exit_code_ || Clock::now() >= end) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return exit_code_;
}

int Process::stop() {
  signal(SIGTERM);
  if (auto code = wait(5000)) return *code;
  kill();
  return 128 + SIGKILL;
}

void Process::kill() {
  if (pid_ <= 0 || exit_code_) return;
  ::kill(pid_, SIGKILL);
  wait(10'000);
}

Finished run(const std::vector<std::string>& command, const std::string& input, int timeout_ms,
             const std::map<std::string, std::string>& environment) {
  std::array<int, 2> in{}, out{}, err{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
    std::abort();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    become(command, environment);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  std::signal(SIGPIPE, SIG_IGN);
  if (!input.empty() && ::write(in[1], input.data(), input.size()) < 0)
    std::fprintf(stderr, "%s reads no input\n", command[0].c_str());
  ::close(in[1]);
  Finished finished;
  const auto end = Clock::now() + std::chrono::milliseconds(timeout_ms);
  int status = 0;
  bool ended = false;
  while (!ended && Clock::now() < end) {
    std::array<pollfd, 2> waiting{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), 20);
    if ((waiting[0].revents & POLLIN) != 0) drain(out[0], finished.out);
    if ((waiting[1].revents & POLLIN) != 0) drain(err[0], finished.err);
    ended = ::waitpid(pid, &status, WNOHANG) == pid;
  }
  if (ended) {
    finished.exit_code = code_of(status);
  } else {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
  }
  for (const auto& [fd, into] : {std::pair{out[0], &finished.out}, std::pair{err[0], &finished.err}}) {
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    for (std::size_t before = SIZE_MAX; before != into->size();) {
      before = into->size();
      drain(fd, *into);
    }
    ::close(fd);
  }
  return finished;
}

std::optional<std::string> wait_for_file(const std::filesystem::path& path, int timeout_ms) {
  const auto end = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (Clock::now() < end) {
    std::string text = read_file(path);
    if (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) return text;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return std::nullopt;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::filesystem::path> files_with(const std::filesystem::path& folder, const std::string& marker) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && read_file(entry.path()).find(marker) != std::string::npos)
      found.push_back(entry.path());
  }
  return found;
}

std::string program(const std::string& name) {
  if (const char* const folder = std::getenv("FEIERABEND_BIN")) return std::string(folder) + "/" + name;
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  for (auto folder = self.parent_path(); folder != folder.root_path(); folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "bin" / name)) return (folder / "bin" / name).string();
  }
  return name;
}

}  // namespace tests::support
