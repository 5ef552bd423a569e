// The key schedule (RFC 9420 § 8): from one epoch's init secret and a commit's secret to everything the next epoch
// needs.
//
//     init_secret[n-1] ─┐
//     commit_secret ────┴► extract ► "joiner" + GroupContext ► joiner_secret ─┐
//     psk_secret ─────────────────────────────────────────────────────────────┴► extract ─┬► "welcome" ► welcome_secret
//                                                                                         └► "epoch" + GroupContext ►
//                                                                              epoch_secret ► the secrets below
//
// Pure but for the port. `group_context` is the encoded GroupContext of the new epoch.
#pragma once

#include "clients/mls/crypto/labels.h"

namespace clients::mls {

// § 8, table 4, in its order. encryption_secret feeds the secret tree and is wiped by whoever builds it.
struct EpochSecrets {
  Secret sender_data, encryption, exporter, external, confirmation_key, membership_key, resumption_psk,
      epoch_authenticator, init;
  bool operator==(const EpochSecrets&) const = default;
};

Secret joiner_secret(const Crypto& crypto, const Secret& init, const Secret& commit, ByteView group_context);  // § 8
EpochSecrets epoch_secrets(const Crypto& crypto, const Secret& joiner, const Secret& psk, ByteView group_context);
// §§ 8, 12.4.3.1, and the key and nonce made of it.
Secret welcome_secret(const Crypto& crypto, const Secret& joiner, const Secret& psk);
struct AeadKey {
  FixedSecret<kAeadKeyBytesMax> key;  // the first aead_key_bytes(suite) bytes
  std::array<std::uint8_t, kAeadNonceBytes> nonce{};
  ByteView key_view(CipherSuite suite) const { return key.view().first(aead_key_bytes(suite)); }
};
// "key" and "nonce" expanded from the secret: of a Welcome (§ 12.4.3.1) and of sender data (§ 6.3.2).
AeadKey labelled_aead_key(const Crypto& crypto, CipherSuite suite, const Secret& secret, ByteView context);
AeadKey welcome_key(const Crypto& crypto, CipherSuite suite, const Secret& welcome);

// § 8: the group's key for external commits.
KeyPair external_key_pair(const Crypto& crypto, const Secret& external);
// § 8.3: the init secret that an external commit brings in, with its KEM output.
inline constexpr std::string_view kExternalInitContext = "MLS 1.0 external init secret";

// § 8.5.
SecretBytes export_secret(const Crypto& crypto, const Secret& exporter, std::string_view label, ByteView context,
                          std::size_t size_bytes);

// §§ 6.1, 6.2: MAC over the confirmed transcript hash, MAC over AuthenticatedContentTBM.
Hash confirmation_tag(const Crypto& crypto, const Secret& confirmation_key, ByteView confirmed_transcript_hash);
Hash membership_tag(const Crypto& crypto, const Secret& membership_key, ByteView to_be_maced);

// § 8.2. `interim_before` is empty before the first commit. `confirmed_input` is wire format, content and signature.
Hash confirmed_transcript_hash(const Crypto& crypto, ByteView interim_before, ByteView confirmed_input);
Hash interim_transcript_hash(const Crypto& crypto, ByteView confirmed, const Hash& confirmation_tag);

}  // namespace clients::mls
