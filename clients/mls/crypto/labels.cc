#include "clients/mls/crypto/labels.h"

#include "clients/mls/core/codec.h"
#include "clients/mls/crypto/concat.h"
#include "clients/mls/crypto/hpke_kdf.h"

namespace clients::mls {
Secret extract(const Crypto& crypto, ByteView salt, ByteView input) { return crypto.hmac_sha256(salt, input); }

void expand(const Crypto& crypto, ByteView secret, ByteView info, std::span<std::uint8_t> out) {
  // T(i) = HMAC(secret, T(i-1) ‖ info ‖ i), where T(0) is empty: the first round leaves its place out.
  Secret block;
  std::uint8_t round = 1;
  Concat message{block.view(), info, {&round, 1}};
  while (!out.empty()) {
    message.writable().back() = round;
    block = crypto.hmac_sha256(secret, message.view().subspan(round == 1 ? kHashBytes : 0));
    const std::size_t size_bytes = std::min(out.size(), kHashBytes);
    std::copy_n(block.view().begin(), size_bytes, out.begin());
    std::copy_n(block.view().begin(), kHashBytes, message.writable().begin());
    out = out.subspan(size_bytes);
    ++round;
  }
}

void expand_with_label(const Crypto& crypto, ByteView secret, std::string_view label, ByteView context,
                       std::span<std::uint8_t> out) {
  const std::array<std::uint8_t, 2> size{static_cast<std::uint8_t>(out.size() >> 8),
                                         static_cast<std::uint8_t>(out.size())};
  const Concat info{size,
                    length_header(kLabelPrefix.size() + label.size()).view(),
                    as_bytes(kLabelPrefix),
                    as_bytes(label),
                    length_header(context.size()).view(),
                    context};
  expand(crypto, secret, info.view(), out);
}

Secret expand_with_label(const Crypto& crypto, const Secret& secret, std::string_view label, ByteView context) {
  Secret out;
  expand_with_label(crypto, secret.view(), label, context, out.writable());
  return out;
}

Secret derive_secret(const Crypto& crypto, const Secret& secret, std::string_view label) {
  return expand_with_label(crypto, secret, label, {});
}

void derive_tree_secret(const Crypto& crypto, const Secret& secret, std::string_view label, std::uint32_t generation,
                        std::span<std::uint8_t> out) {
  const auto byte = [generation](int shift) { return static_cast<std::uint8_t>(generation >> shift); };
  const std::array<std::uint8_t, 4> context{byte(24), byte(16), byte(8), byte(0)};
  expand_with_label(crypto, secret.view(), label, context, out);
}

Signature sign_with_label(const Crypto& crypto, const KeyPair& key, std::string_view label, ByteView content) {
  return crypto.ed25519_sign(key, labelled(label, content).view());
}

Status verify_with_label(const Crypto& crypto, const PublicKey& key, std::string_view label, ByteView content,
                         const Signature& signature) {
  if (!crypto.ed25519_verify(key, labelled(label, content).view(), signature)) return refuse(Reason::kSignature);
  return {};
}

Hash ref_hash(const Crypto& crypto, std::string_view label, ByteView value) {
  const Concat content{length_header(label.size()).view(), as_bytes(label), length_header(value.size()).view(), value};
  return crypto.sha256(content.view());
}

KeyPair generate_key_pair(const Crypto& crypto) {
  PrivateKey secret;
  crypto.random(secret.writable());
  return encryption_pair(crypto, secret);
}

KeyPair generate_signature_key_pair(const Crypto& crypto) {
  PrivateKey seed;
  crypto.random(seed.writable());
  return signature_pair(crypto, seed);
}

KeyPair derive_key_pair(const Crypto& crypto, const Secret& seed) {
  const Secret parent = labeled_extract(crypto, kKemSuiteId, {}, "dkp_prk", seed.view());
  PrivateKey secret;
  labeled_expand(crypto, kKemSuiteId, parent, "sk", {}, secret.writable());
  return encryption_pair(crypto, secret);
}

KeyPair encryption_pair(const Crypto& crypto, const PrivateKey& secret) {
  return {secret, crypto.x25519_public(secret)};
}

KeyPair signature_pair(const Crypto& crypto, const PrivateKey& seed) { return {seed, crypto.ed25519_public(seed)}; }

}  // namespace clients::mls
