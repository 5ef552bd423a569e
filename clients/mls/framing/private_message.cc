#include "clients/mls/framing/private_message.h"

namespace clients::mls {
namespace {

constexpr std::size_t kSizeClassMin = 256;
constexpr std::size_t kSizeClassMax = 32 * 1024;

Ratchet ratchet_of(ContentType type) {
  return type == ContentType::kApplication ? Ratchet::kApplication : Ratchet::kHandshake;
}

void write_place(Writer& out, const PrivateMessage& message) {
  out.opaque(message.group_id);
  out.u64(message.epoch);
  out.u8(static_cast<std::uint8_t>(message.content_type));
}

Bytes sender_data_aad(const PrivateMessage& message) {
  Writer out;
  write_place(out, message);
  return out.take();
}

Bytes content_aad(const PrivateMessage& message) {
  Writer out;
  write_place(out, message);
  out.opaque(message.authenticated_data);
  return out.take();
}

// PrivateMessageContent.
SecretBytes padded_content(const AuthenticatedContent& content) {
  Writer out;
  write_content(out, content.content.content);
  write(out, content.auth);
  Bytes bytes = out.take();
  if (type_of(content.content.content) == ContentType::kApplication) {
    // A vector that grows leaves a copy of the plaintext behind.
    SecretBytes unpadded(std::move(bytes));
    bytes.assign(padded_size(unpadded.view().size()), 0);
    std::ranges::copy(unpadded.view(), bytes.begin());
  }
  return SecretBytes(std::move(bytes));
}

Status read_padded_content(ByteView bytes, ContentType type, AuthenticatedContent& out) {
  Reader in(bytes);
  read_content(in, type, out.content.content);
  read(in, type, out.auth);
  const ByteView padding = in.rest();
  if (const Status done = in.done(); !done) return done;
  if (std::ranges::any_of(padding, [](std::uint8_t octet) { return octet != 0; })) return refuse(Reason::kPadding);
  return {};
}

}  // namespace

void write(Writer& out, const SenderData& value) {
  out.u32(value.leaf.value);
  out.u32(value.generation);
  out.raw(value.reuse_guard);
}

void read(Reader& in, SenderData& value) {
  value.leaf.value = in.u32();
  value.generation = in.u32();
  const ByteView guard = in.raw(value.reuse_guard.size());
  std::ranges::copy(guard, value.reuse_guard.begin());
}

std::size_t padded_size(std::size_t content_bytes) {
  std::size_t size = kSizeClassMin;
  while (size < content_bytes && size < kSizeClassMax) size *= 2;
  return content_bytes <= size ? size : (content_bytes + kSizeClassMax - 1) / kSizeClassMax * kSizeClassMax;
}

Result<PrivateMessage> protect_private(const Crypto& crypto, CipherSuite suite, const AuthenticatedContent& content,
                                       const Secret& sender_data_secret, SecretTree& keys) {
  const ContentType type = type_of(content.content.content);
  PrivateMessage out{content.content.group_id, content.content.epoch, type, content.content.authenticated_data, {}, {}};
  SenderData sender{LeafIndex{content.content.sender.index}, 0, {}};
  auto key = keys.next(crypto, sender.leaf, ratchet_of(type));
  if (!key) return std::unexpected(key.error());
  sender.generation = key->generation;
  crypto.random(sender.reuse_guard);
  apply_reuse_guard(key->key.nonce, sender.reuse_guard);
  out.ciphertext = crypto.aead_seal(suite, key->key.key_view(suite), key->key.nonce, content_aad(out),
                                    padded_content(content).view());

  const AeadKey for_sender = sender_data_key(crypto, suite, sender_data_secret, out.ciphertext);
  out.encrypted_sender_data =
      crypto.aead_seal(suite, for_sender.key_view(suite), for_sender.nonce, sender_data_aad(out), encode(sender));
  return out;
}

Result<SenderData> open_sender_data(const Crypto& crypto, CipherSuite suite, const PrivateMessage& message,
                                    const Secret& sender_data_secret) {
  const AeadKey key = sender_data_key(crypto, suite, sender_data_secret, message.ciphertext);
  const auto opened =
      crypto.aead_open(suite, key.key_view(suite), key.nonce, sender_data_aad(message), message.encrypted_sender_data);
  if (!opened) return refuse(Reason::kDecrypt);
  return parse<SenderData>(opened->view());
}

Result<OpenedPrivate> unprotect_private(const Crypto& crypto, CipherSuite suite, const PrivateMessage& message,
                                        const SenderData& sender, const SecretTree& keys) {
  OpenedPrivate out{{}, ratchet_of(message.content_type), sender.generation};
  auto key = keys.find(crypto, sender.leaf, out.ratchet, sender.generation);
  if (!key) return std::unexpected(key.error());
  apply_reuse_guard(key->key.nonce, sender.reuse_guard);
  const auto opened =
      crypto.aead_open(suite, key->key.key_view(suite), key->key.nonce, content_aad(message), message.ciphertext);
  if (!opened) return refuse(Reason::kDecrypt);

  out.content.wire_format = WireFormat::kPrivateMessage;
  FramedContent& content = out.content.content;
  content.group_id = message.group_id;
  content.epoch = message.epoch;
  content.sender = {SenderType::kMember, sender.leaf.value};
  content.authenticated_data = message.authenticated_data;
  if (const Status read = read_padded_content(opened->view(), message.content_type, out.content); !read)
    return std::unexpected(read.error());
  return out;
}

}  // namespace clients::mls
