#include "tests/support/slapd/process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace tests::support::slapd {
namespace {

[[noreturn]] void become(const std::vector<std::string>& arguments, int input, int output) {
  std::vector<char*> raw;
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  ::dup2(input, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::execvp(raw[0], raw.data());
  ::_exit(127);
}

base::Status failed(const std::vector<std::string>& arguments, const std::string& output) {
  return base::fail("slapd.failed", arguments.front() + ": " + base::printable(output, 600));
}

std::string read_all(int file) {
  std::string text;
  std::array<char, 4096> part{};
  ::lseek(file, 0, SEEK_SET);
  for (ssize_t size; (size = ::read(file, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(size));
  return text;
}

}  // namespace

base::Status run(const std::vector<std::string>& arguments, const std::string& input) {
  const int in = ::memfd_create("input", MFD_CLOEXEC), out = ::memfd_create("output", MFD_CLOEXEC);
  if (in < 0 || out < 0 || ::write(in, input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    return failed(arguments, std::strerror(errno));
  ::lseek(in, 0, SEEK_SET);
  const pid_t child = ::fork();
  if (child == 0) become(arguments, in, out);
  int state = -1;
  while (child > 0 && ::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  const std::string output = read_all(out);
  ::close(in);
  ::close(out);
  if (child < 0 || !WIFEXITED(state) || WEXITSTATUS(state) != 0) return failed(arguments, output);
  return {};
}

base::Result<pid_t> spawn(const std::vector<std::string>& arguments, const std::string& log_path) {
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    become(arguments, in, out);
  }
  ::close(in);
  ::close(out);
  if (child < 0) return std::unexpected(failed(arguments, std::strerror(errno)).error());
  return child;
}

}  // namespace tests::support::slapd
