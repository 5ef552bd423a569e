// feierabend-policy: rules for those who agree on them. Only this folder reads files, the clock and arguments.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "policy/base/clock.h"
#include "policy/tool/command/command.h"

// The first of them that is set says which language the person reads (POSIX, "Internationalization Variables").
static std::string locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const policy::base::SystemClock clock;
  return policy::tool::run(arguments, {std::cout, std::cerr}, clock, locale());
}
