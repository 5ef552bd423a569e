#include "clients/mls/schedule/key_schedule.h"

#include "clients/mls/core/codec.h"
#include "clients/mls/crypto/concat.h"

namespace clients::mls {
namespace {

// § 8: what the joiner secret and the pre-shared keys give; the document has no name for it.
Secret member_secret(const Crypto& crypto, const Secret& joiner, const Secret& psk) {
  return extract(crypto, joiner.view(), psk.view());
}

// A MAC travels in the open; only its key is secret.
Hash tag(const Crypto& crypto, const Secret& key, ByteView message) {
  const Secret mac = crypto.hmac_sha256(key.view(), message);
  Hash out;
  std::ranges::copy(mac.view(), out.begin());
  return out;
}

}  // namespace

Secret joiner_secret(const Crypto& crypto, const Secret& init, const Secret& commit, ByteView group_context) {
  return expand_with_label(crypto, extract(crypto, init.view(), commit.view()), "joiner", group_context);
}

EpochSecrets epoch_secrets(const Crypto& crypto, const Secret& joiner, const Secret& psk, ByteView group_context) {
  const Secret epoch = expand_with_label(crypto, member_secret(crypto, joiner, psk), "epoch", group_context);
  const auto derived = [&](std::string_view label) { return derive_secret(crypto, epoch, label); };
  return {.sender_data = derived("sender data"),
          .encryption = derived("encryption"),
          .exporter = derived("exporter"),
          .external = derived("external"),
          .confirmation_key = derived("confirm"),
          .membership_key = derived("membership"),
          .resumption_psk = derived("resumption"),
          .epoch_authenticator = derived("authentication"),
          .init = derived("init")};
}

Secret welcome_secret(const Crypto& crypto, const Secret& joiner, const Secret& psk) {
  return derive_secret(crypto, member_secret(crypto, joiner, psk), "welcome");
}

AeadKey labelled_aead_key(const Crypto& crypto, CipherSuite suite, const Secret& secret, ByteView context) {
  AeadKey out;
  expand_with_label(crypto, secret.view(), "key", context, out.key.writable().first(aead_key_bytes(suite)));
  expand_with_label(crypto, secret.view(), "nonce", context, out.nonce);
  return out;
}

AeadKey welcome_key(const Crypto& crypto, CipherSuite suite, const Secret& welcome) {
  return labelled_aead_key(crypto, suite, welcome, {});
}

KeyPair external_key_pair(const Crypto& crypto, const Secret& external) { return derive_key_pair(crypto, external); }

SecretBytes export_secret(const Crypto& crypto, const Secret& exporter, std::string_view label, ByteView context,
                          std::size_t size_bytes) {
  SecretBytes out{Bytes(size_bytes)};
  const Secret derived = derive_secret(crypto, exporter, label);
  expand_with_label(crypto, derived.view(), "exported", crypto.sha256(context), out.writable());
  return out;
}

Hash confirmation_tag(const Crypto& crypto, const Secret& confirmation_key, ByteView confirmed_transcript_hash) {
  return tag(crypto, confirmation_key, confirmed_transcript_hash);
}

Hash membership_tag(const Crypto& crypto, const Secret& membership_key, ByteView to_be_maced) {
  return tag(crypto, membership_key, to_be_maced);
}

Hash confirmed_transcript_hash(const Crypto& crypto, ByteView interim_before, ByteView confirmed_input) {
  return crypto.sha256(Concat{interim_before, confirmed_input}.view());
}

Hash interim_transcript_hash(const Crypto& crypto, ByteView confirmed, const Hash& confirmation_tag) {
  return crypto.sha256(Concat{confirmed, length_header(confirmation_tag.size()).view(), confirmation_tag}.view());
}

}  // namespace clients::mls
