#include "audit/pseudonym/sealing.h"

#include <sodium.h>

namespace audit::pseudonym {

using policy::base::Bytes;
using policy::base::ByteView;
using policy::base::fail;

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> keyed_hash(ByteView key, std::string_view domain, ByteView message) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), kSize);
  crypto_generichash_update(&state, policy::base::as_bytes(domain).data(), domain.size());
  crypto_generichash_update(&state, message.data(), message.size());
  std::array<std::uint8_t, kSize> out{};
  crypto_generichash_final(&state, out.data(), kSize);
  sodium_memzero(&state, sizeof state);
  return out;
}

template std::array<std::uint8_t, 16> keyed_hash<16>(ByteView, std::string_view, ByteView);
template std::array<std::uint8_t, 32> keyed_hash<32>(ByteView, std::string_view, ByteView);

Result<Bytes> seal_to(const PublicKey& recipient, ByteView plain, policy::base::Random& random) {
  auto seed = random.array<crypto_box_SEEDBYTES>();
  PublicKey ephemeral{};
  SecretKey secret{};
  crypto_box_seed_keypair(ephemeral.data(), secret.data(), seed.data());
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, ephemeral.data(), ephemeral.size());
  crypto_generichash_update(&state, recipient.data(), recipient.size());
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  Bytes out(ephemeral.begin(), ephemeral.end());
  out.resize(plain.size() + crypto_box_SEALBYTES);
  const int done = crypto_box_easy(out.data() + ephemeral.size(), plain.data(), plain.size(), nonce.data(),
                                   recipient.data(), secret.data());
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(secret.data(), secret.size());
  if (done != 0) return fail("epoch.party-key", "a public key of small order", "an X25519 public key of the party");
  return out;
}

}  // namespace audit::pseudonym
