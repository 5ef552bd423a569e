// Lines of a witness: what is accepted formats to the same bytes, and nothing verifies under a key that did not sign.
#include <cstdlib>

#include "audit/checkpoint/cosignature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::checkpoint;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto lines = parse_signature_lines(text); lines) {
    if (format_signature_lines(*lines) != text) std::abort();
    const auto key = CosignerKey::parse("w.example+4a98ebc3+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
    if (!key) std::abort();
    // No key of the corpus has signed this.
    if (const auto times = cosigned_by({"nobody signed this\n", *lines}, std::span(&*key, 1)); times && times->front())
      std::abort();
  }
  if (const auto key = CosignerKey::parse(text); key && key->text() != text) std::abort();
  return 0;
}
