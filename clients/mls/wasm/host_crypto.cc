#include "clients/mls/wasm/host_crypto.h"

#include <algorithm>

#include "clients/mls/wasm/host.h"

namespace clients::mls {
namespace {

// The y of the points of small order on edwards25519, little-endian, without the sign of x; p = 2^255 − 19. What
// libsodium refuses natively and other libraries verify with.
constexpr PublicKey y_of(std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
  PublicKey out{};
  out.fill(middle);
  out.front() = first;
  out.back() = last;
  return out;
}
constexpr std::array<PublicKey, 7> kSmallOrder{
    y_of(0x01, 0, 0),        // order 1
    y_of(0xEC, 0xFF, 0x7F),  // −1, order 2
    y_of(0x00, 0, 0),        // order 4
    y_of(0xED, 0xFF, 0x7F),  // p, which is 0
    y_of(0xEE, 0xFF, 0x7F),  // p + 1, which is 1
    PublicKey{0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
              0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05},
    PublicKey{0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
              0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A}};

PublicKey without_sign(ByteView point) {
  PublicKey y{};
  std::ranges::copy(point, y.begin());
  y.back() &= 0x7F;
  return y;
}

bool is_small_order(ByteView point) { return std::ranges::find(kSmallOrder, without_sign(point)) != kSmallOrder.end(); }

// y is below p (RFC 8032 § 5.1.3).
bool is_canonical(ByteView point) {
  const PublicKey y = without_sign(point);
  return y.front() < 0xED || y.back() != 0x7F ||
         std::ranges::any_of(ByteView(y).subspan(1, 30), [](std::uint8_t byte) { return byte != 0xFF; });
}

bool is_zero(const Secret& secret) { return secret == Secret(); }

}  // namespace

void HostCrypto::random(std::span<std::uint8_t> out) const { host_random(out.data(), out.size()); }

Hash HostCrypto::sha256(ByteView message) const {
  Hash out;
  host_sha256(message.data(), message.size(), out.data());
  return out;
}

Secret HostCrypto::hmac_sha256(ByteView key, ByteView message) const {
  Secret out;
  host_hmac_sha256(key.data(), key.size(), message.data(), message.size(), out.writable().data());
  return out;
}

PublicKey HostCrypto::x25519_public(const PrivateKey& secret) const {
  PublicKey out;
  host_x25519_public(secret.view().data(), out.data());
  return out;
}

std::optional<Secret> HostCrypto::x25519(const PrivateKey& secret, const PublicKey& peer) const {
  Secret out;
  if (host_x25519(secret.view().data(), peer.data(), out.writable().data()) != 1 || is_zero(out)) return std::nullopt;
  return out;
}

PublicKey HostCrypto::ed25519_public(const PrivateKey& seed) const {
  PublicKey out;
  host_ed25519_public(seed.view().data(), out.data());
  return out;
}

Signature HostCrypto::ed25519_sign(const KeyPair& key, ByteView message) const {
  Signature out;
  host_ed25519_sign(key.secret.view().data(), key.key.data(), message.data(), message.size(), out.data());
  return out;
}

bool HostCrypto::ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) const {
  if (!is_canonical(key) || is_small_order(key) || is_small_order(ByteView(signature).first(key.size()))) return false;
  return host_ed25519_verify(key.data(), message.data(), message.size(), signature.data()) == 1;
}

Bytes HostCrypto::aead_seal(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const {
  Bytes out(plaintext.size() + kAeadTagBytes);
  host_aead_seal(static_cast<std::uint32_t>(suite), key.data(), nonce.data(), aad.data(), aad.size(), plaintext.data(),
                 plaintext.size(), out.data());
  return out;
}

std::optional<SecretBytes> HostCrypto::aead_open(CipherSuite suite, ByteView key, ByteView nonce, ByteView aad,
                                                 ByteView ciphertext) const {
  if (ciphertext.size() < kAeadTagBytes) return std::nullopt;
  SecretBytes out(Bytes(ciphertext.size() - kAeadTagBytes));
  if (host_aead_open(static_cast<std::uint32_t>(suite), key.data(), nonce.data(), aad.data(), aad.size(),
                     ciphertext.data(), ciphertext.size(), out.writable().data()) != 1)
    return std::nullopt;
  return out;
}

}  // namespace clients::mls
