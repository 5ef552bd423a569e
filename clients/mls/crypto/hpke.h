// HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and the suite's AEAD, single shot, and
// EncryptWithLabel of RFC 9420 § 5.1.3 on top.
//
// Pure but for the port. Errors: kKey (a shared secret of zeros: a key of small order), kDecrypt.
#pragma once

#include <string_view>

#include "clients/mls/core/codec.h"
#include "clients/mls/crypto/labels.h"

namespace clients::mls {

// § 7.6.
struct HpkeCiphertext {
  PublicKey kem_output{};
  Bytes ciphertext;
  bool operator==(const HpkeCiphertext&) const = default;
};
void write(Writer& out, const HpkeCiphertext& value);
void read(Reader& in, HpkeCiphertext& value);

// § 5.1.3: SealBase / OpenBase (RFC 9180 § 6.1) with empty aad.
Result<HpkeCiphertext> encrypt_with_label(const Crypto& crypto, CipherSuite suite, const PublicKey& to,
                                          std::string_view label, ByteView context, ByteView plaintext);
Result<SecretBytes> decrypt_with_label(const Crypto& crypto, CipherSuite suite, const KeyPair& own,
                                       std::string_view label, ByteView context, const HpkeCiphertext& sealed);

// § 5.1.3, for many recipients under one label and context: hashes of the context are computed once, the one-time keys
// are drawn first and in order (so that a seeded run replays), the rest may run on several threads. A fresh one-time
// key for each. Fails as a whole at the first bad key; detail is its index.
struct SealJob {
  PublicKey to{};
  ByteView plaintext;  // outlives the call
};
Result<std::vector<HpkeCiphertext>> encrypt_with_label(const Crypto& crypto, CipherSuite suite, std::string_view label,
                                                       ByteView context, std::span<const SealJob> jobs);

// § 8.3 external init: SendExport and ReceiveExport with the exporter context "MLS 1.0 external init secret", empty
// info.
struct Exported {
  PublicKey kem_output{};
  Secret secret;
};
Result<Exported> export_to(const Crypto& crypto, CipherSuite suite, const PublicKey& to,
                           std::string_view exporter_context);
Result<Secret> export_from(const Crypto& crypto, CipherSuite suite, const KeyPair& own, const PublicKey& kem_output,
                           std::string_view exporter_context);

}  // namespace clients::mls
