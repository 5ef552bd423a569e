// --from and --to: the span that a command looks at.
#pragma once

#include <string>

#include "policy/base/instant.h"
#include "policy/tool/command/table.h"

namespace policy::tool {

constexpr base::Seconds kSpanMax{200LL * 366 * 86400};

struct SpanAsked {
  std::string from, to;
};

void add_span(Table& table, CLI::App& sub, SpanAsked& asked);  // both required
// Errors: instant.*, span.invalid.
base::Result<base::Interval> span_of(const SpanAsked& asked);

}  // namespace policy::tool
