#include "clients/mls/schedule/psk.h"

namespace clients::mls {
namespace {

// PSKLabel.
Bytes label_of(const PskId& id, std::size_t index, std::size_t count) {
  Writer out;
  write(out, id);
  out.u16(static_cast<std::uint16_t>(index));
  out.u16(static_cast<std::uint16_t>(count));
  return out.take();
}

}  // namespace

Result<Secret> psk_secret(const Crypto& crypto, std::span<const Psk> psks) {
  constexpr std::size_t kCountMax = 0xFFFF;
  if (psks.size() > kCountMax) return refuse(Reason::kTooLarge, psks.size());
  const Secret zeros;
  Secret out;
  for (std::size_t i = 0; i < psks.size(); ++i) {
    const Secret extracted = extract(crypto, zeros.view(), psks[i].secret.view());
    const Secret input = expand_with_label(crypto, extracted, "derived psk", label_of(psks[i].id, i, psks.size()));
    out = extract(crypto, input.view(), out.view());
  }
  return out;
}

}  // namespace clients::mls
