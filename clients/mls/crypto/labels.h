// Labelled derivation, signing and hashing (RFC 9420 §§ 5.1.2, 5.2, 8), and key pairs.
//
// Pure but for the port. Labels are given without the prefix "MLS 1.0 ", which is put before them here.
#pragma once

#include <string_view>

#include "clients/mls/core/bytes.h"
#include "clients/mls/core/result.h"
#include "clients/mls/crypto/port.h"

namespace clients::mls {

// RFC 5869 § 2.2 on HMAC-SHA-256.
Secret extract(const Crypto& crypto, ByteView salt, ByteView input);
// RFC 5869 § 2.3. `out` at most 255 * 32 bytes; wiped by the receiver.
void expand(const Crypto& crypto, ByteView secret, ByteView info, std::span<std::uint8_t> out);

// § 8: ExpandWithLabel(Secret, Label, Context, Length), Length = out.size().
void expand_with_label(const Crypto& crypto, ByteView secret, std::string_view label, ByteView context,
                       std::span<std::uint8_t> out);
Secret expand_with_label(const Crypto& crypto, const Secret& secret, std::string_view label, ByteView context);
// § 8: DeriveSecret(Secret, Label) = ExpandWithLabel(Secret, Label, "", KDF.Nh).
Secret derive_secret(const Crypto& crypto, const Secret& secret, std::string_view label);
// § 9.1: DeriveTreeSecret: the context is the generation.
void derive_tree_secret(const Crypto& crypto, const Secret& secret, std::string_view label, std::uint32_t generation,
                        std::span<std::uint8_t> out);

// § 5.1.2. SignContent = "MLS 1.0 " + label, content.
Signature sign_with_label(const Crypto& crypto, const KeyPair& key, std::string_view label, ByteView content);
// Error: kSignature.
Status verify_with_label(const Crypto& crypto, const PublicKey& key, std::string_view label, ByteView content,
                         const Signature& signature);

// § 5.2: RefHash(label, value); the labels are "MLS 1.0 KeyPackage Reference" and "MLS 1.0 Proposal Reference", given
// whole, as the document defines no prefix here.
Hash ref_hash(const Crypto& crypto, std::string_view label, ByteView value);

KeyPair generate_key_pair(const Crypto& crypto);            // X25519, RFC 9180 § 4
KeyPair generate_signature_key_pair(const Crypto& crypto);  // Ed25519, RFC 8032 § 5.1.5
// § 7.4 and RFC 9180 § 7.1.3, DeriveKeyPair of DHKEM(X25519): from a node secret.
KeyPair derive_key_pair(const Crypto& crypto, const Secret& seed);
// The pair of a stored secret: RFC 7748 § 6.1, RFC 8032 § 5.1.5.
KeyPair encryption_pair(const Crypto& crypto, const PrivateKey& secret);
KeyPair signature_pair(const Crypto& crypto, const PrivateKey& seed);

}  // namespace clients::mls
