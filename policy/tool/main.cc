// feierabend-policy: rules for those who agree on them. Only this folder reads files, the clock and arguments.
#include <iostream>
#include <string>
#include <vector>

#include "policy/base/clock.h"
#include "policy/tool/command/command.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const policy::base::SystemClock clock;
  return policy::tool::run(arguments, {std::cout, std::cerr}, clock);
}
