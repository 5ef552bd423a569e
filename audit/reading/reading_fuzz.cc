// Announcements of readings and their answers. Whatever is accepted must be written the same way again.
#include <cstdlib>

#include "audit/reading/announcement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::reading;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto one = parse_announcement(text); one && format_announcement(*one) != text) std::abort();
  if (const auto one = parse_answer(text); one && format_answer(*one) != text) std::abort();
  (void)judge(text, {}, "authority", {});
  return 0;
}
