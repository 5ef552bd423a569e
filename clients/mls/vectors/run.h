// Runs the vectors of one file. Pure but for the port, which must be a true one: one-time keys are drawn from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/mls/crypto/port.h"

namespace clients::mls {

struct Tally {
  enum class Kind : std::uint8_t {
    kChecked,
    kNoVectors,  // not the text of a vector file
    kUnknown,    // vectors of a format that nobody checks
  };
  Kind kind = Kind::kChecked;
  std::size_t passed = 0, total = 0;  // of the entries for our suites
  std::vector<std::string> misses;    // "entry 3: leaves[0].key"
};

// `name` without folder and ".json".
Tally run_vectors(const Crypto& crypto, std::string_view name, std::string_view text);

}  // namespace clients::mls
