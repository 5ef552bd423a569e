// Password hashes as OpenLDAP writes them into userPassword: {ARGON2}$argon2id$… and {SSHA512}base64(digest ‖ salt).
//
// Pure apart from the salt, which libsodium draws itself. Any thread; Argon2 holds `memory_bytes` while it runs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace gateway::directory::ldif {

namespace base = policy::base;

struct HashCost {
  unsigned long long operations = 2;  // libsodium's "interactive"
  std::size_t memory_bytes = 64U << 20U;
};

// Error: password.hash (no memory).
base::Result<std::string> hash_password(std::string_view password, const HashCost& cost = {});

// False for another password, another scheme, or a broken hash alike.
bool verify_password(std::string_view stored, std::string_view password);

// A scheme that verify_password() can judge.
bool known_scheme(std::string_view stored);

}  // namespace gateway::directory::ldif
