// Any message of the wire: what is read must encode back to the same bytes.
#include <cstdlib>

#include "clients/mls/message/welcome.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const clients::mls::ByteView bytes{data, size};
  const auto message = clients::mls::parse<clients::mls::MlsMessage>(bytes);
  if (message && !clients::mls::equal(clients::mls::encode(*message), bytes)) std::abort();
  return 0;
}
