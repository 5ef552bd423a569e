// What a command's end says: 0 done, 2 wrong call, and sysexits(3) for the rest. One table from error codes to numbers.
#pragma once

#include <string_view>

namespace clients::terminal {

enum ExitCode : int {
  kDone = 0,
  kUsage = 2,
  kDataError = 65,
  kNoInput = 66,
  kNoUser = 67,
  kUnavailable = 69,
  kSoftware = 70,
  kInputOutput = 74,
  kTryAgain = 75,
  kProtocol = 76,
  kRefused = 77,
  kNotSetUp = 78,
};

// The longest prefix of the table that fits decides; 70 for what is in no area.
int exit_code_of(std::string_view error_code);

}  // namespace clients::terminal
