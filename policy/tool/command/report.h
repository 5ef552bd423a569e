// Errors to the person who called: sentences in their language, or JSON.
#pragma once

#include "policy/tool/command/table.h"

namespace policy::tool {

// Both give the exit code.
int report(const Context& context, const Failure& failure);
int usage(const Context& context, base::Error error);

}  // namespace policy::tool
