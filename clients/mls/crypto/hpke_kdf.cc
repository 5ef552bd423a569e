#include "clients/mls/crypto/hpke_kdf.h"

#include "clients/mls/crypto/concat.h"
#include "clients/mls/crypto/labels.h"

namespace clients::mls {
namespace {

constexpr std::string_view kPrefix = "HPKE-v1";

}  // namespace

Secret labeled_extract(const Crypto& crypto, ByteView suite_id, ByteView salt, std::string_view label, ByteView input) {
  return extract(crypto, salt, Concat{as_bytes(kPrefix), suite_id, as_bytes(label), input}.view());
}

void labeled_expand(const Crypto& crypto, ByteView suite_id, const Secret& secret, std::string_view label,
                    ByteView info, std::span<std::uint8_t> out) {
  const std::array<std::uint8_t, 2> size{static_cast<std::uint8_t>(out.size() >> 8),
                                         static_cast<std::uint8_t>(out.size())};
  expand(crypto, secret.view(), Concat{size, as_bytes(kPrefix), suite_id, as_bytes(label), info}.view(), out);
}

}  // namespace clients::mls
