// Requests and answers of openings. Whatever is accepted must be written the same way again.
#include <cstdlib>

#include "audit/opening/opening.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::opening;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = parse_request(text); request && format_request(*request) != text) std::abort();
  if (const auto answer = parse_answer(text); answer && format_answer(*answer) != text) std::abort();
  if (const auto day = audit::pseudonym::parse_sealed_day(text); day && format_sealed(*day) != text) std::abort();
  return 0;
}
