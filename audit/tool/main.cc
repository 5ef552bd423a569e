// feierabend-audit: checks the metadata log without trusting who keeps it. Only this folder reads files, the clock and
// arguments.
#include <cstdlib>
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

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const policy::base::SystemClock clock;
  policy::base::SystemRandom random;
  return audit::tool::run(arguments, {std::cout, std::cerr}, {clock, random}, locale());
}
