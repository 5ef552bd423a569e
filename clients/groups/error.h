// What clients/mls refuses, as an error that people are told.
//
// Pure.
#pragma once

#include "clients/mls/core/result.h"
#include "policy/base/result.h"

namespace clients::groups {

// Code and sentence of core/reasons.inc.
policy::base::Error error_of(const mls::Error& error);

}  // namespace clients::groups
