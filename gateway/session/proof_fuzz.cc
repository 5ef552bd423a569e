#include <cstdlib>

#include "gateway/session/proof.h"

// What is accepted must be written back byte for byte: one proof has one header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const auto proof = gateway::session::parse_proof(header, "GET", "/v1/devices");
  if (proof && gateway::session::format_proof(*proof) != header) std::abort();
  if (!proof && proof.error().code != "proof.syntax") std::abort();
  return 0;
}
