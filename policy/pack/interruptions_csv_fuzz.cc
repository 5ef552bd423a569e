// What is read is sorted; what is refused leaves the people as they were.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/pack/roster_csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto people = policy::pack::read_people("people", "person,groups\na,\nb,\n").value();
  const auto before = people;
  const auto read = policy::pack::read_interruptions("fuzz", policy::base::as_text({data, size}), people);
  if (!read && (read.error().empty() || people != before)) std::abort();
  for (const auto& [id, facts] : people)
    if (!std::ranges::is_sorted(facts.interruptions, {}, [](const auto& entry) { return entry.span.begin; }))
      std::abort();
  return 0;
}
