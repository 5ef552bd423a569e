#include "policy/tool/command/span.h"

namespace policy::tool {

void add_span(Table& table, CLI::App& sub, SpanAsked& asked) {
  table.option(sub, "--from", asked.from, Word::kFrom, "INSTANT")->required();
  table.option(sub, "--to", asked.to, Word::kTo, "INSTANT")->required();
}

base::Result<base::Interval> span_of(const SpanAsked& asked) {
  const auto from = base::parse_instant(asked.from), to = base::parse_instant(asked.to);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  if (*to <= *from || *to - *from > kSpanMax) {
    return base::fail("span.invalid", "a span from " + asked.from + " to " + asked.to,
                      "--from before --to, at most 200 years apart");
  }
  return base::Interval{*from, *to};
}

}  // namespace policy::tool
