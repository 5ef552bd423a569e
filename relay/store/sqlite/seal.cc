#include "relay/store/sqlite/seal.h"

#include <sodium.h>

namespace relay::store {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(std::tuple_size_v<BucketKey> == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::array<std::uint8_t, 24> place(const policy::base::ConversationId& conversation, std::uint64_t sequence) {
  std::array<std::uint8_t, 24> out{};
  std::copy(conversation.bytes.begin(), conversation.bytes.end(), out.begin());
  for (std::size_t i = 0; i < 8; ++i) out[16 + i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i));
  return out;
}

std::uint8_t* mutable_bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

}  // namespace

std::string seal(const BucketKey& key, const policy::base::ConversationId& conversation, std::uint64_t sequence,
                 std::string_view plaintext, policy::base::Random& random) {
  const auto data = place(conversation, sequence);
  std::string out(kNonceBytes + plaintext.size() + kTagBytes, '\0');
  random.fill({mutable_bytes(out), kNonceBytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(mutable_bytes(out) + kNonceBytes, nullptr,
                                             policy::base::as_bytes(plaintext).data(), plaintext.size(), data.data(),
                                             data.size(), nullptr, mutable_bytes(out), key.data());
  return out;
}

policy::base::Result<std::string> unseal(const BucketKey& key, const policy::base::ConversationId& conversation,
                                         std::uint64_t sequence, policy::base::ByteView sealed) {
  const auto data = place(conversation, sequence);
  const bool whole = sealed.size() >= kNonceBytes + kTagBytes;
  std::string out(whole ? sealed.size() - kNonceBytes - kTagBytes : 0, '\0');
  if (whole && crypto_aead_xchacha20poly1305_ietf_decrypt(mutable_bytes(out), nullptr, nullptr,
                                                          sealed.data() + kNonceBytes, sealed.size() - kNonceBytes,
                                                          data.data(), data.size(), sealed.data(), key.data()) == 0)
    return out;
  return policy::base::fail("store.corrupt", "a sealed envelope that does not open", "",
                            "restore the data folder from a backup; the relay does not guess");
}

std::array<std::uint8_t, 16> message_digest(const BucketKey& secret, std::string_view device,
                                            std::string_view message_id) {
  std::array<std::uint8_t, 16> out{};
  const std::string both = std::string(device).append(message_id);
  crypto_generichash(out.data(), out.size(), policy::base::as_bytes(both).data(), both.size(), secret.data(),
                     secret.size());
  return out;
}

}  // namespace relay::store
