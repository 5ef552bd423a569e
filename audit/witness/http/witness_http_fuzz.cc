// Requests as a witness reads them: one that is accepted was whole, is accepted with other bytes behind it as the same,
// and its parts hold nothing that could end a line.
#include <cstdlib>

#include "audit/witness/http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace audit::witness::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_request(text, 4096);
  if (!parsed || !*parsed) return 0;
  const Parsed& one = **parsed;
  if (one.consumed > size || one.request.body.size() > 4096) std::abort();
  for (const std::string& part : {one.request.method, one.request.target})
    if (part.empty() || part.find_first_of(" \r\n\t") != std::string::npos) std::abort();
  const auto whole = parse_request(text.substr(0, one.consumed), 4096);
  if (!whole || !*whole || (*whole)->request != one.request) std::abort();
  const auto less = parse_request(text.substr(0, one.consumed - 1), 4096);
  if (less && *less) std::abort();
  return 0;
}
