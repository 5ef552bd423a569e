// Any bytes as a plan: sorted entries, or errors with their places and people as they were.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/roster/plan/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kPeople = policy::pack::read_people("people", "person,groups\na,\nb,\n").value();
  policy::roster::draft::Options options;
  options.zone = "Europe/Berlin";
  auto people = kPeople;
  const auto read = policy::roster::plan::read_plan("fuzz", policy::base::as_text({data, size}), options, people);
  if (!read) {
    if (read.error().empty() || people != kPeople) std::abort();
    for (const auto& error : read.error())
      if (!error.where.starts_with("fuzz:") || error.code.empty() || error.seen.empty()) std::abort();
    return 0;
  }
  for (const auto& [id, facts] : people)
    if (!std::ranges::is_sorted(facts.roster, {}, [](const auto& entry) { return entry.span.begin; })) std::abort();
  return 0;
}
