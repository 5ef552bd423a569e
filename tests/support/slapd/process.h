// Starting programs without a shell, for test support only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "policy/base/result.h"

namespace tests::support::slapd {

namespace base = policy::base;

// Runs to the end, `input` as standard input. Error: slapd.failed with the program's output.
base::Status run(const std::vector<std::string>& arguments, const std::string& input = {});

// Starts and returns at once; output goes to `log_path`. The child ends with the thread that started it.
base::Result<pid_t> spawn(const std::vector<std::string>& arguments, const std::string& log_path);

}  // namespace tests::support::slapd
