// Every check of checks.inc: what it finds wrong it says to the entry.
#pragma once

#include "clients/mls/vectors/entry.h"

namespace clients::mls {

#define MLS_CHECK(file, function) void check_##function(const Crypto& crypto, const Entry& entry);
#include "clients/mls/vectors/checks.inc"
#undef MLS_CHECK

}  // namespace clients::mls
