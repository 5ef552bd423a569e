// The number that two people compare by voice or side by side, to find out whether the service put devices between them
// that are not theirs.
//
// A person's half: SHA-512 over "feierabend-safety-number-v1" ‖ length of the id (2, big-endian) ‖ id ‖ identity keys
// of all devices in rising order; then 5200 times SHA-512 over the last hash ‖ the same bytes, as Signal does; six
// times five bytes of the end, each modulo 100,000. Both halves, the smaller first: 60 digits, the same on both sides.
//
// Whoever wants to pass off other keys as somebody's needs a second preimage of 30 digits: about 2^99 attempts of 5200
// hashes. Two sets of one's own with the same half cost 2^50 attempts and help nobody: the other side shows its own
// keys.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "clients/mls/device_key.h"

namespace clients::groups {

struct PersonKeys {
  std::string person;
  std::vector<mls::IdentityKey> keys;  // in any order
};

// 60 digits.
std::string safety_number(const PersonKeys& one, const PersonKeys& other);
// "12345 67890 …", four groups a line.
std::vector<std::string> in_lines(const std::string& safety_number);

}  // namespace clients::groups
