#include "clients/mls/sealed_box.h"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "clients/mls/sealed_box_format.h"

namespace clients::mls {
namespace base = policy::base;

namespace {

constexpr std::string_view kDomain = "feierabend-sealed-box-v1";
using MessageKey = std::array<std::uint8_t, 32>;

void append(base::Bytes& out, base::ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

base::Bytes context(const base::ConversationId& conversation, const base::DeviceId& sender) {
  base::Bytes out(kDomain.begin(), kDomain.end());
  append(out, conversation.view());
  append(out, sender.view());
  return out;
}

base::Bytes signed_bytes(const base::ConversationId& conversation, const base::DeviceId& sender, const SealedBox& box) {
  base::Bytes out = context(conversation, sender);
  append(out, encode_unsigned(box));
  return out;
}

base::Bytes associated_data(const base::ConversationId& conversation, const base::DeviceId& sender,
                            const base::ClientMessageId& message) {
  base::Bytes out = context(conversation, sender);
  append(out, message.view());
  return out;
}

// crypto_box_seal with its one-time key pair from the randomness port: libsodium's own draws from the system, and a run
// could not be replayed. Any crypto_box_seal_open opens it.
std::optional<Recipient> seal_key(const MessageKey& message_key, const DeviceKeys& to, base::Random& random) {
  std::array<std::uint8_t, 32> seed = random.array<32>(), once_public{}, once_secret{};
  crypto_box_seed_keypair(once_public.data(), once_secret.data(), seed.data());
  Nonce nonce{};
  crypto_generichash_state hash;
  crypto_generichash_init(&hash, nullptr, 0, nonce.size());
  crypto_generichash_update(&hash, once_public.data(), once_public.size());
  crypto_generichash_update(&hash, to.box_key.data(), to.box_key.size());
  crypto_generichash_final(&hash, nonce.data(), nonce.size());

  Recipient out{to.device, {}};
  std::ranges::copy(once_public, out.sealed_key.begin());
  // Fails for points of low order, whose shared secret everybody knows.
  const int failed = crypto_box_easy(out.sealed_key.data() + once_public.size(), message_key.data(), message_key.size(),
                                     nonce.data(), to.box_key.data(), once_secret.data());
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(once_secret.data(), once_secret.size());
  if (failed != 0) return std::nullopt;
  return out;
}

base::Result<std::vector<Recipient>> seal_for_all(const MessageKey& key, Audience audience, base::Random& random) {
  std::ranges::sort(audience, {}, &DeviceKeys::device);
  const auto twice = std::ranges::adjacent_find(audience, {}, &DeviceKeys::device);
  if (twice != audience.end())
    return base::fail("cipher.audience", "device " + twice->device.text() + " named twice", "each device once");
  std::vector<Recipient> out;
  out.reserve(audience.size());
  for (const auto& device : audience) {
    auto recipient = seal_key(key, device, random);
    if (!recipient)
      return base::fail("cipher.audience", "device " + device.device.text() + " with a key that protects nothing",
                        "an X25519 public key", "have an administrator remove that device");
    out.push_back(*recipient);
  }
  return out;
}

base::Bytes padded(base::ByteView plaintext) {
  base::Bytes out(plaintext.begin(), plaintext.end());
  out.resize(size_class(plaintext.size()), 0);
  out[plaintext.size()] = 0x80;
  return out;
}

std::optional<base::Bytes> unpadded(base::Bytes bytes) {
  while (!bytes.empty() && bytes.back() == 0) bytes.pop_back();
  if (bytes.empty() || bytes.back() != 0x80) return std::nullopt;
  bytes.pop_back();
  return bytes;
}

std::unexpected<base::Error> damaged(std::string_view part) {
  return base::fail("cipher.damaged", "a message whose " + std::string(part) + " cannot be opened",
                    "a body and a key made for this device", "ask the sender to send it again");
}

}  // namespace

base::Result<Sealed> SealedBoxCipher::seal(const GroupState& group, const Plaintext& plaintext,
                                           const Audience& audience) const {
  if (plaintext.body.size() > kPlaintextBytesMax)
    return base::fail("cipher.too-large", "a message of " + std::to_string(plaintext.body.size()) + " bytes",
                      "at most " + std::to_string(kPlaintextBytesMax) + " bytes", "send it in parts");
  if (audience.size() > kRecipientsMax)
    return base::fail("cipher.audience", std::to_string(audience.size()) + " devices",
                      "at most " + std::to_string(kRecipientsMax) + " devices", "use a smaller conversation");
  MessageKey message_key = random_.array<32>();
  SealedBox box;
  box.message = plaintext.message;
  box.nonce = random_.array<24>();
  auto recipients = seal_for_all(message_key, audience, random_);
  if (!recipients) return std::unexpected(recipients.error());
  box.recipients = std::move(*recipients);

  base::Bytes body = padded(plaintext.body);
  const base::Bytes data = associated_data(group.conversation, device_, box.message);
  box.body.resize(body.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(box.body.data(), nullptr, body.data(), body.size(), data.data(),
                                             data.size(), nullptr, box.nonce.data(), message_key.data());
  sodium_memzero(message_key.data(), message_key.size());
  sodium_memzero(body.data(), body.size());
  box.signature = key_.sign(signed_bytes(group.conversation, device_, box));
  return Sealed{encode(box), 0, {}};
}

base::Result<Opened> SealedBoxCipher::open(const GroupState& group, const DeviceKeys& sender,
                                           base::ByteView ciphertext) const {
  auto box = parse_sealed_box(ciphertext);
  if (!box) return std::unexpected(box.error());
  if (!verifies(sender.identity_key, signed_bytes(group.conversation, sender.device, *box), box->signature))
    return base::fail("cipher.signature", "a message that device " + sender.device.text() + " did not sign like this",
                      "a signature of the sending device over this conversation and these bytes",
                      "do not rely on it; ask the sender by another way");
  const auto mine = std::ranges::find(box->recipients, device_, &Recipient::device);
  if (mine == box->recipients.end())
    return base::fail("cipher.not-for-us", "a message that was not sealed for this device",
                      "messages sent after this device was enrolled", "read it on an older device");
  MessageKey message_key{};
  if (crypto_box_seal_open(message_key.data(), mine->sealed_key.data(), mine->sealed_key.size(), key_.box_key().data(),
                           key_.box_secret().data()) != 0)
    return damaged("key");
  const base::Bytes data = associated_data(group.conversation, sender.device, box->message);
  base::Bytes body(box->body.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES);
  const int failed =
      crypto_aead_xchacha20poly1305_ietf_decrypt(body.data(), nullptr, nullptr, box->body.data(), box->body.size(),
                                                 data.data(), data.size(), box->nonce.data(), message_key.data());
  sodium_memzero(message_key.data(), message_key.size());
  if (failed != 0) return damaged("body");
  auto plaintext = unpadded(std::move(body));
  if (!plaintext) return damaged("padding");
  return Opened{{box->message, std::move(*plaintext)}, {}};
}

}  // namespace clients::mls
