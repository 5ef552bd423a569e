// Signed notes. What is accepted must format to the same bytes; nothing is ever opened under a key that did not sign.
#include <cstdlib>

#include "policy/base/note/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace policy::base::note;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto note = parse_note(text); note && format_note(*note) != text) std::abort();
  const auto key = VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  if (!key) std::abort();
  constexpr std::string_view kSigned =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  if (const auto opened = open_note(text, std::span(&*key, 1)); opened && *opened != kSigned) std::abort();
  if (const auto other = VerifierKey::parse(text); other && other->text() != text) std::abort();
  (void)SigningKey::parse(text);
  return 0;
}
