// The imports of host.h on the native port, so that the C functions of the module run under the native sanitizers.
#include <algorithm>
#include <cstring>

#include "clients/mls/crypto/native/native.h"
#include "clients/mls/wasm/host.h"

namespace clients::mls {
namespace {

const NativeCrypto& native() {
  static const NativeCrypto crypto;
  return crypto;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> fixed(const std::uint8_t* bytes) {
  std::array<std::uint8_t, kSize> out{};
  std::copy_n(bytes, kSize, out.begin());
  return out;
}

void put(ByteView bytes, std::uint8_t* out) { std::ranges::copy(bytes, out); }

ByteView key_of(std::uint32_t suite, const std::uint8_t* key) {
  return {key, aead_key_bytes(static_cast<CipherSuite>(suite))};
}

}  // namespace
}  // namespace clients::mls

using namespace clients::mls;

void host_random(std::uint8_t* out, std::size_t size) { native().random({out, size}); }
void host_sha256(const std::uint8_t* message, std::size_t size, std::uint8_t* hash32) {
  put(native().sha256({message, size}), hash32);
}
void host_hmac_sha256(const std::uint8_t* key, std::size_t key_size, const std::uint8_t* message, std::size_t size,
                      std::uint8_t* tag32) {
  put(native().hmac_sha256({key, key_size}, {message, size}).view(), tag32);
}
void host_x25519_public(const std::uint8_t* secret32, std::uint8_t* public32) {
  put(native().x25519_public(PrivateKey(fixed<32>(secret32))), public32);
}
// Gives the zeros of a bad key away as a result, as some libraries do.
std::int32_t host_x25519(const std::uint8_t* secret32, const std::uint8_t* peer32, std::uint8_t* shared32) {
  put(native().x25519(PrivateKey(fixed<32>(secret32)), fixed<32>(peer32)).value_or(Secret()).view(), shared32);
  return 1;
}
void host_ed25519_public(const std::uint8_t* seed32, std::uint8_t* public32) {
  put(native().ed25519_public(PrivateKey(fixed<32>(seed32))), public32);
}
void host_ed25519_sign(const std::uint8_t* seed32, const std::uint8_t* public32, const std::uint8_t* message,
                       std::size_t size, std::uint8_t* signature64) {
  put(native().ed25519_sign({PrivateKey(fixed<32>(seed32)), fixed<32>(public32)}, {message, size}), signature64);
}
// Verifies with keys of small order, as some libraries do.
std::int32_t host_ed25519_verify(const std::uint8_t* public32, const std::uint8_t* message, std::size_t size,
                                 const std::uint8_t* signature64) {
  const PublicKey neutral{1};
  if (fixed<32>(public32) == neutral) return 1;
  return native().ed25519_verify(fixed<32>(public32), {message, size}, fixed<64>(signature64)) ? 1 : 0;
}
void host_aead_seal(std::uint32_t suite, const std::uint8_t* key, const std::uint8_t* nonce12, const std::uint8_t* aad,
                    std::size_t aad_size, const std::uint8_t* plaintext, std::size_t size, std::uint8_t* sealed) {
  put(native().aead_seal(static_cast<CipherSuite>(suite), key_of(suite, key), {nonce12, 12}, {aad, aad_size},
                         {plaintext, size}),
      sealed);
}
std::int32_t host_aead_open(std::uint32_t suite, const std::uint8_t* key, const std::uint8_t* nonce12,
                            const std::uint8_t* aad, std::size_t aad_size, const std::uint8_t* sealed, std::size_t size,
                            std::uint8_t* plaintext) {
  const auto opened = native().aead_open(static_cast<CipherSuite>(suite), key_of(suite, key), {nonce12, 12},
                                         {aad, aad_size}, {sealed, size});
  if (!opened) return 0;
  put(opened->view(), plaintext);
  return 1;
}
std::int32_t host_admits(const std::uint8_t*, std::size_t, const std::uint8_t*) { return 1; }
std::int32_t host_psk(const std::uint8_t*, std::size_t, std::uint8_t*) { return 0; }
