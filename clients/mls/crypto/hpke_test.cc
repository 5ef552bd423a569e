#include "clients/mls/crypto/hpke.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

constexpr std::array kSuites{CipherSuite::kX25519Aes128GcmSha256Ed25519,
                             CipherSuite::kX25519ChaCha20Poly1305Sha256Ed25519};
const NativeCrypto kCrypto;

// A generator that replays: two of them draw the same keys.
NativeCrypto seeded() {
  return NativeCrypto([next = std::uint8_t{0}](std::span<std::uint8_t> out) mutable {
    for (std::uint8_t& byte : out) byte = next++;
  });
}

TEST(Hpke, OpensForOneRecipientLabelAndContext) {
  for (const CipherSuite suite : kSuites) {
    const KeyPair own = generate_key_pair(kCrypto), other = generate_key_pair(kCrypto);
    const auto sealed =
        encrypt_with_label(kCrypto, suite, own.key, "UpdatePathNode", as_bytes("group"), as_bytes("secret"));
    ASSERT_TRUE(sealed);
    const auto opened = [&](const KeyPair& key, std::string_view label, std::string_view context,
                            const HpkeCiphertext& ciphertext) {
      return decrypt_with_label(kCrypto, suite, key, label, as_bytes(context), ciphertext);
    };
    EXPECT_TRUE(equal(opened(own, "UpdatePathNode", "group", *sealed)->view(), as_bytes("secret")));
    EXPECT_EQ(opened(other, "UpdatePathNode", "group", *sealed).error().reason, Reason::kDecrypt);
    EXPECT_EQ(opened(own, "Welcome", "group", *sealed).error().reason, Reason::kDecrypt);
    EXPECT_EQ(opened(own, "UpdatePathNode", "groups", *sealed).error().reason, Reason::kDecrypt);
    HpkeCiphertext changed = *sealed;
    changed.ciphertext.back() ^= 1;
    EXPECT_EQ(opened(own, "UpdatePathNode", "group", changed).error().reason, Reason::kDecrypt);
    changed.ciphertext.clear();
    EXPECT_EQ(opened(own, "UpdatePathNode", "group", changed).error().reason, Reason::kDecrypt);
  }
}

TEST(Hpke, ManySealsAreThoseOfOneByOne) {
  for (const CipherSuite suite : kSuites) {
    std::vector<KeyPair> recipients(20);
    std::vector<SealJob> jobs(recipients.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      recipients[i] = generate_key_pair(kCrypto);
      jobs[i] = {recipients[i].key, ByteView(recipients[i].key).first(16)};
    }
    const NativeCrypto batch = seeded(), single = seeded();
    const auto sealed = encrypt_with_label(batch, suite, "Welcome", as_bytes("info"), jobs);
    ASSERT_TRUE(sealed);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      EXPECT_EQ(sealed->at(i),
                encrypt_with_label(single, suite, jobs[i].to, "Welcome", as_bytes("info"), jobs[i].plaintext));
      EXPECT_TRUE(
          equal(decrypt_with_label(kCrypto, suite, recipients[i], "Welcome", as_bytes("info"), sealed->at(i))->view(),
                jobs[i].plaintext));
    }
  }
  EXPECT_TRUE(encrypt_with_label(kCrypto, kDefaultSuite, "Welcome", {}, std::span<const SealJob>())->empty());
}

TEST(Hpke, ExportsTheSameSecretOnBothSides) {
  for (const CipherSuite suite : kSuites) {
    const KeyPair own = generate_key_pair(kCrypto);
    const auto exported = export_to(kCrypto, suite, own.key, "MLS 1.0 external init secret");
    ASSERT_TRUE(exported);
    EXPECT_EQ(export_from(kCrypto, suite, own, exported->kem_output, "MLS 1.0 external init secret"), exported->secret);
    EXPECT_NE(export_from(kCrypto, suite, own, exported->kem_output, "another"), exported->secret);
  }
}

TEST(Hpke, KeysOfSmallOrderAreRefused) {
  const KeyPair own = generate_key_pair(kCrypto);
  constexpr PublicKey kZero{};
  EXPECT_EQ(encrypt_with_label(kCrypto, kDefaultSuite, kZero, "x", {}, {}).error().reason, Reason::kKey);
  EXPECT_EQ(export_to(kCrypto, kDefaultSuite, kZero, "x").error().reason, Reason::kKey);
  EXPECT_EQ(export_from(kCrypto, kDefaultSuite, own, kZero, "x").error().reason, Reason::kKey);
  EXPECT_EQ(decrypt_with_label(kCrypto, kDefaultSuite, own, "x", {}, {kZero, Bytes(16)}).error().reason, Reason::kKey);
  const std::vector<SealJob> jobs{{own.key, {}}, {kZero, {}}, {own.key, {}}};
  EXPECT_EQ(encrypt_with_label(kCrypto, kDefaultSuite, "x", {}, jobs).error(), (Error{Reason::kKey, 1}));
}

TEST(Hpke, CiphertextIsReadBack) {
  const HpkeCiphertext value{PublicKey{1, 2, 3}, Bytes(70, 4)};
  EXPECT_EQ(parse<HpkeCiphertext>(encode(value)), value);
  EXPECT_EQ(parse<HpkeCiphertext>(Bytes{1, 0, 0}).error().reason, Reason::kValue);
}

}  // namespace
}  // namespace clients::mls
