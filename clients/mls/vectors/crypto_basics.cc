// Topics crypto-basics and deserialization.
#include "clients/mls/core/codec.h"
#include "clients/mls/crypto/hpke.h"
#include "clients/mls/crypto/labels.h"
#include "clients/mls/vectors/checks.h"

namespace clients::mls {
namespace {

Bytes expanded(const Crypto& crypto, const Entry& entry) {
  Bytes out(entry.size_bytes("length"));
  expand_with_label(crypto, entry.secret("secret").view(), entry.text("label"), entry.bytes("context"), out);
  return out;
}

Bytes tree_secret(const Crypto& crypto, const Entry& entry) {
  Bytes out(entry.size_bytes("length"));
  derive_tree_secret(crypto, entry.secret("secret"), entry.text("label"),
                     static_cast<std::uint32_t>(entry.number("generation")), out);
  return out;
}

void check_signing(const Crypto& crypto, const Entry& entry) {
  const KeyPair key = signature_pair(crypto, entry.secret("priv"));
  const Bytes content = entry.bytes("content");
  const std::string label = entry.text("label");
  entry.expect("pub", key.key);
  entry.require(verify_with_label(crypto, key.key, label, content, entry.fixed<64>("signature")), "signature");
  entry.expect("signature", sign_with_label(crypto, key, label, content));  // Ed25519 is deterministic
}

void check_sealing(const Crypto& crypto, CipherSuite suite, const Entry& entry) {
  const KeyPair key = encryption_pair(crypto, entry.secret("priv"));
  const Bytes context = entry.bytes("context"), plaintext = entry.bytes("plaintext");
  const std::string label = entry.text("label");
  const auto open = [&](const HpkeCiphertext& sealed) {
    return decrypt_with_label(crypto, suite, key, label, context, sealed);
  };
  entry.expect("pub", key.key);
  const auto opened = open({entry.fixed("kem_output"), entry.bytes("ciphertext")});
  if (entry.require(opened, "ciphertext")) entry.expect("plaintext", opened->view());
  const auto sealed = encrypt_with_label(crypto, suite, key.key, label, context, plaintext);
  if (!entry.require(sealed, "seal")) return;
  const auto again = open(*sealed);
  if (entry.require(again, "seal and open")) entry.expect("plaintext", again->view());
}

}  // namespace

void check_crypto_basics(const Crypto& crypto, const Entry& entry) {
  const Entry reference = entry.object("ref_hash");
  reference.expect("out", ref_hash(crypto, reference.text("label"), reference.bytes("value")));
  const Entry expand = entry.object("expand_with_label");
  expand.expect("out", expanded(crypto, expand));
  const Entry derive = entry.object("derive_secret");
  derive.expect("out", derive_secret(crypto, derive.secret("secret"), derive.text("label")));
  const Entry tree = entry.object("derive_tree_secret");
  tree.expect("out", tree_secret(crypto, tree));
  check_signing(crypto, entry.object("sign_with_label"));
  check_sealing(crypto, entry.suite(), entry.object("encrypt_with_label"));
}

// The longest is 2^30 − 1: the header is compared, and what it announces is missed.
void check_deserialization(const Crypto&, const Entry& entry) {
  const auto length = static_cast<std::size_t>(entry.number("length"));
  const Bytes header = entry.bytes("vlbytes_header");
  entry.expect("vlbytes_header", length_header(length).view());
  Reader in(header);
  in.opaque();
  const Status read = in.done();
  entry.require(length == 0 ? read.has_value() : read == refuse(Reason::kTruncated, header.size()), "vlbytes_header");
}

}  // namespace clients::mls
