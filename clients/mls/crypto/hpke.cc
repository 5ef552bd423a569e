#include "clients/mls/crypto/hpke.h"

#include "clients/mls/crypto/concat.h"
#include "clients/mls/crypto/hpke_kdf.h"

namespace clients::mls {
namespace {

// "HPKE" ‖ kem_id ‖ kdf_id ‖ aead_id (RFC 9180 § 5.1); the AEADs of MLS suites 1 and 3 have these numbers there, too.
using SuiteId = std::array<std::uint8_t, 10>;
SuiteId hpke_suite_id(CipherSuite suite) {
  const std::uint8_t aead = suite == CipherSuite::kX25519Aes128GcmSha256Ed25519 ? 0x01 : 0x03;
  return {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, aead};
}

// RFC 9180 § 4.1, ExtractAndExpand.
Secret kem_secret(const Crypto& crypto, const Secret& dh, const PublicKey& kem_output, const PublicKey& to) {
  const Secret prk = labeled_extract(crypto, kKemSuiteId, {}, "eae_prk", dh.view());
  Secret out;
  labeled_expand(crypto, kKemSuiteId, prk, "shared_secret", Concat{kem_output, to}.view(), out.writable());
  return out;
}

// Encap with a given one-time key; nothing if `to` is of small order.
std::optional<Secret> encapsulate(const Crypto& crypto, const KeyPair& once, const PublicKey& to) {
  const std::optional<Secret> dh = crypto.x25519(once.secret, to);
  if (!dh) return std::nullopt;
  return kem_secret(crypto, *dh, once.key, to);
}

Result<Secret> decapsulate(const Crypto& crypto, const KeyPair& own, const PublicKey& kem_output) {
  const std::optional<Secret> dh = crypto.x25519(own.secret, kem_output);
  if (!dh) return refuse(Reason::kKey);
  return kem_secret(crypto, *dh, kem_output, own.key);
}

// KeySchedule of RFC 9180 § 5.1 in base mode, as far as it depends on the info alone.
class Schedule {
 public:
  Schedule(const Crypto& crypto, CipherSuite suite, ByteView info)
      : crypto_(crypto), suite_(suite), suite_id_(hpke_suite_id(suite)) {
    const auto hash = [&](std::string_view label, ByteView input, std::size_t at) {
      const Secret out = labeled_extract(crypto, suite_id_, {}, label, input);
      std::copy_n(out.view().begin(), kHashBytes, context_.begin() + static_cast<std::ptrdiff_t>(at));
    };
    hash("psk_id_hash", {}, 1);
    hash("info_hash", info, 1 + kHashBytes);
  }

  Bytes seal(const Secret& shared, ByteView plaintext) const {
    const MessageKey key = message_key(shared);
    return crypto_.aead_seal(suite_, key.key(suite_), key.nonce, {}, plaintext);
  }
  Result<SecretBytes> open(const Secret& shared, ByteView ciphertext) const {
    const MessageKey key = message_key(shared);
    std::optional<SecretBytes> out = crypto_.aead_open(suite_, key.key(suite_), key.nonce, {}, ciphertext);
    if (!out) return refuse(Reason::kDecrypt);
    return std::move(*out);
  }
  // RFC 9180 § 5.3.
  Secret exported(const Secret& shared, std::string_view exporter_context) const {
    Secret exporter, out;
    labeled_expand(crypto_, suite_id_, secret(shared), "exp", context_, exporter.writable());
    labeled_expand(crypto_, suite_id_, exporter, "sec", as_bytes(exporter_context), out.writable());
    return out;
  }

 private:
  // Of the first and only message, whose sequence number leaves the base nonce as it is.
  struct MessageKey {
    FixedSecret<kAeadKeyBytesMax> bytes;
    std::array<std::uint8_t, kAeadNonceBytes> nonce{};
    ByteView key(CipherSuite suite) const { return bytes.view().first(aead_key_bytes(suite)); }
  };

  Secret secret(const Secret& shared) const { return labeled_extract(crypto_, suite_id_, shared.view(), "secret", {}); }
  MessageKey message_key(const Secret& shared) const {
    const Secret base = secret(shared);
    MessageKey out;
    labeled_expand(crypto_, suite_id_, base, "key", context_, out.bytes.writable().first(aead_key_bytes(suite_)));
    labeled_expand(crypto_, suite_id_, base, "base_nonce", context_, out.nonce);
    return out;
  }

  const Crypto& crypto_;
  CipherSuite suite_;
  SuiteId suite_id_;
  std::array<std::uint8_t, 1 + 2 * kHashBytes> context_{};  // mode 0 ‖ psk_id_hash ‖ info_hash
};

}  // namespace

void write(Writer& out, const HpkeCiphertext& value) {
  out.opaque(value.kem_output);
  out.opaque(value.ciphertext);
}

void read(Reader& in, HpkeCiphertext& value) {
  in.fixed(value.kem_output);
  value.ciphertext = copy(in.opaque());
}

Result<HpkeCiphertext> encrypt_with_label(const Crypto& crypto, CipherSuite suite, const PublicKey& to,
                                          std::string_view label, ByteView context, ByteView plaintext) {
  const KeyPair once = generate_key_pair(crypto);
  const std::optional<Secret> shared = encapsulate(crypto, once, to);
  if (!shared) return refuse(Reason::kKey);
  const Schedule schedule(crypto, suite, labelled(label, context).view());
  return HpkeCiphertext{once.key, schedule.seal(*shared, plaintext)};
}

Result<SecretBytes> decrypt_with_label(const Crypto& crypto, CipherSuite suite, const KeyPair& own,
                                       std::string_view label, ByteView context, const HpkeCiphertext& sealed) {
  const Result<Secret> shared = decapsulate(crypto, own, sealed.kem_output);
  if (!shared) return std::unexpected(shared.error());
  return Schedule(crypto, suite, labelled(label, context).view()).open(*shared, sealed.ciphertext);
}

Result<std::vector<HpkeCiphertext>> encrypt_with_label(const Crypto& crypto, CipherSuite suite, std::string_view label,
                                                       ByteView context, std::span<const SealJob> jobs) {
  std::vector<PrivateKey> once(jobs.size());
  for (PrivateKey& secret : once) crypto.random(secret.writable());
  const Schedule schedule(crypto, suite, labelled(label, context).view());
  std::vector<HpkeCiphertext> out(jobs.size());
  crypto.for_each(jobs.size(), [&](std::size_t i) {
    const KeyPair pair = encryption_pair(crypto, once[i]);
    const std::optional<Secret> shared = encapsulate(crypto, pair, jobs[i].to);
    if (shared) out[i] = {pair.key, schedule.seal(*shared, jobs[i].plaintext)};
  });
  // A ciphertext has at least its tag.
  const auto bad = std::ranges::find_if(out, [](const HpkeCiphertext& one) { return one.ciphertext.empty(); });
  if (bad != out.end()) return refuse(Reason::kKey, static_cast<std::uint64_t>(bad - out.begin()));
  return out;
}

Result<Exported> export_to(const Crypto& crypto, CipherSuite suite, const PublicKey& to,
                           std::string_view exporter_context) {
  const KeyPair once = generate_key_pair(crypto);
  const std::optional<Secret> shared = encapsulate(crypto, once, to);
  if (!shared) return refuse(Reason::kKey);
  return Exported{once.key, Schedule(crypto, suite, {}).exported(*shared, exporter_context)};
}

Result<Secret> export_from(const Crypto& crypto, CipherSuite suite, const KeyPair& own, const PublicKey& kem_output,
                           std::string_view exporter_context) {
  const Result<Secret> shared = decapsulate(crypto, own, kem_output);
  if (!shared) return std::unexpected(shared.error());
  return Schedule(crypto, suite, {}).exported(*shared, exporter_context);
}

}  // namespace clients::mls
