// Any bytes as a calendar: sorted entries, or errors with their places and people as they were. What was read survives
// being written and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/roster/ical/export.h"
#include "policy/roster/ical/import.h"

namespace {

using policy::roster::ical::read_calendar;

policy::model::People people() { return policy::pack::read_people("people", "person,groups\na,\nb@x,\n").value(); }

policy::roster::draft::Options options() {
  policy::roster::draft::Options out;
  out.zone = "Europe/Berlin";
  out.horizon = policy::base::Instant{1'800'000'000};  // near, so that a run of the fuzzer is short
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kOptions = options();
  static const auto kBerlin = policy::time::Zone::find("Europe/Berlin").value();
  auto read = people();
  const auto done = read_calendar("fuzz", policy::base::as_text({data, size}), kOptions, read);
  if (!done) {
    if (done.error().empty() || read != people()) std::abort();
    for (const auto& error : done.error())
      if (!error.where.starts_with("fuzz:") || error.code.empty() || error.seen.empty()) std::abort();
    return 0;
  }
  std::size_t entries = 0;
  for (const auto& [id, facts] : read) {
    entries += facts.roster.size();
    if (!std::ranges::is_sorted(facts.roster, {}, [](const auto& entry) { return entry.span.begin; })) std::abort();
  }
  if (entries > 1000) return 0;
  auto again = people();
  if (!read_calendar("again", policy::roster::ical::write_calendar(read, {{0}, &kBerlin}), kOptions, again) ||
      again != read)
    std::abort();
  return 0;
}
