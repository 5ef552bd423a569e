#include "audit/event/sealed.h"

#include <sodium.h>

#include <algorithm>

#include "policy/base/sha256.h"

namespace audit::event {
namespace {

using policy::base::fail;

constexpr std::string_view kCipherDomain = "feierabend entry cipher v1";
constexpr std::array<std::uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> kNonce{};

struct CipherKey {
  std::array<std::uint8_t, 32> bytes{};
  explicit CipherKey(const EntryKey& key) {
    crypto_generichash(bytes.data(), bytes.size(), policy::base::as_bytes(kCipherDomain).data(), kCipherDomain.size(),
                       key.data(), key.size());
  }
  CipherKey(const CipherKey&) = delete;
  CipherKey& operator=(const CipherKey&) = delete;
  ~CipherKey() { sodium_memzero(bytes.data(), bytes.size()); }
};

Digest commitment_to(ByteView payload, const EntryKey& key) { return {policy::base::hmac_sha256(key, payload)}; }

}  // namespace

bool is_erased(const EntryKey& key) { return sodium_is_zero(key.data(), key.size()) == 1; }

SealedEvent seal(const Event& event, const EntryKey& key) {
  const Bytes payload = encode_payload(event);
  SealedEvent sealed;
  sealed.leaf = encode_leaf(leaf_of(event, commitment_to(payload, key)));
  sealed.ciphertext.resize(payload.size() + crypto_aead_chacha20poly1305_ietf_ABYTES);
  const CipherKey cipher_key(key);
  crypto_aead_chacha20poly1305_ietf_encrypt(sealed.ciphertext.data(), nullptr, payload.data(), payload.size(),
                                            sealed.leaf.data(), sealed.leaf.size(), nullptr, kNonce.data(),
                                            cipher_key.bytes.data());
  return sealed;
}

Result<Event> unseal(ByteView leaf_bytes, const EntryKey& key, ByteView ciphertext) {
  const auto leaf = decode_leaf(leaf_bytes);
  if (!leaf) return std::unexpected(leaf.error());
  if (is_erased(key)) return fail("event.erased", "a record whose key was destroyed");
  constexpr std::size_t kTag = crypto_aead_chacha20poly1305_ietf_ABYTES;
  if (ciphertext.size() < kTag || ciphertext.size() > kCiphertextSizeMax)
    return fail("event.ciphertext", "a ciphertext of " + std::to_string(ciphertext.size()) + " bytes",
                "16 to " + std::to_string(kCiphertextSizeMax));
  Bytes payload(ciphertext.size() - kTag);
  const CipherKey cipher_key(key);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(payload.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
                                                leaf_bytes.data(), leaf_bytes.size(), kNonce.data(),
                                                cipher_key.bytes.data()) != 0)
    return fail("event.ciphertext", "a key and a ciphertext that do not belong to this leaf", "the entry's own");
  if (!policy::base::equal_constant_time(commitment_to(payload, key).bytes, leaf->commitment.bytes))
    return fail("event.commitment", "a payload to which the leaf does not commit", "the entry's own");
  return decode_payload(*leaf, payload);
}

}  // namespace audit::event
