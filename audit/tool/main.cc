// feierabend-audit: checks the metadata log without trusting who keeps it. Only this folder reads files, the clock and
// arguments.
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "audit/tool/command/command.h"
#include "policy/base/clock.h"
#include "policy/base/random.h"

// The first of them that is set says which language the person reads (POSIX, "Internationalization Variables").
static std::string locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

// Until an interrupt or a request to end comes, which is what the wait is for.
static bool wait(policy::base::Seconds seconds) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &ends, &before);
  const timespec time{static_cast<std::time_t>(seconds.count), 0};
  const bool asked_to_end = sigtimedwait(&ends, nullptr, &time) > 0;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return !asked_to_end;
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const policy::base::SystemClock clock;
  policy::base::SystemRandom random;
  return audit::tool::run(arguments, {std::cout, std::cerr}, {clock, random, wait}, locale());
}
