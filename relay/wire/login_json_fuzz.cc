#include <cstdlib>

#include "relay/wire/codec.h"

namespace {

// What one parse takes, its printed form must give again.
template <typename Message>
void try_as(std::string_view text) {
  const auto parsed = relay::wire::parse_json<Message>(text);
  if (!parsed) return;
  const auto again = relay::wire::parse_json<Message>(relay::wire::to_json(*parsed));
  if (!again || again->SerializeAsString() != parsed->SerializeAsString()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  namespace pb = relay::wire::pb;
  try_as<pb::PasswordRequest>(text);
  try_as<pb::TotpRequest>(text);
  try_as<pb::EnrolRequest>(text);
  try_as<pb::DeviceProofRequest>(text);
  try_as<pb::DeviceRequest>(text);
  return 0;
}
