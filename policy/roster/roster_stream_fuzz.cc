// Any bytes as a table that is read person by person, in pieces: what it accepts, the whole table accepts, with the
// same entries.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "policy/base/bytes.h"
#include "policy/pack/roster_csv.h"
#include "policy/roster/stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = policy::base::as_text({data, size});
  auto rest = text;
  policy::roster::PersonStream stream("fuzz", [&](std::span<char> buffer) -> policy::base::Result<std::size_t> {
    const std::size_t piece = std::min<std::size_t>({7, rest.size(), buffer.size()});
    std::ranges::copy(rest.substr(0, piece), buffer.begin());
    rest.remove_prefix(piece);
    return piece;
  });
  policy::model::People streamed, whole;
  while (true) {
    auto next = stream.next();
    if (!next) {
      if (!next.error().where.starts_with("fuzz:")) std::abort();
      return 0;
    }
    if (!*next) break;
    whole[(**next).person].person = (**next).person;
    if (!streamed.emplace((**next).person, std::move(**next)).second) std::abort();
  }
  if (!policy::pack::read_roster("whole", text, whole) || whole != streamed) std::abort();
  return 0;
}
