#include "clients/mls/crypto/labels.h"

#include <gtest/gtest.h>

#include "clients/mls/core/codec.h"
#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

const NativeCrypto kCrypto;

// RFC 5869, cases 1 to 3: several rounds, and info longer than what stands on the stack with them.
TEST(Labels, ExpandLikeRfc5869) {
  Bytes salt, input(22, 0x0B), info;
  for (std::uint8_t i = 0; i <= 0x0C; ++i) salt.push_back(i);
  for (std::uint8_t i = 0xF0; i <= 0xF9; ++i) info.push_back(i);
  const Secret first = extract(kCrypto, salt, input);
  EXPECT_EQ(first.view().front(), 0x07);
  EXPECT_EQ(first.view().back(), 0xE5);
  std::array<std::uint8_t, 42> out{};
  expand(kCrypto, first.view(), info, out);
  EXPECT_EQ(out.front(), 0x3C);
  EXPECT_EQ(out.back(), 0x65);

  const auto rising = [](std::uint8_t from) {
    Bytes bytes(80);
    for (std::uint8_t& byte : bytes) byte = from++;
    return bytes;
  };
  std::array<std::uint8_t, 82> longer{};
  expand(kCrypto, extract(kCrypto, rising(0x60), rising(0x00)).view(), rising(0xB0), longer);
  EXPECT_EQ(longer.front(), 0xB1);
  EXPECT_EQ(longer.back(), 0x87);
}

TEST(Labels, LengthIsPartOfTheInfo) {
  std::array<std::uint8_t, 16> half{};
  std::array<std::uint8_t, 32> whole{};
  const Secret secret;
  expand_with_label(kCrypto, secret.view(), "key", {}, half);
  expand_with_label(kCrypto, secret.view(), "key", {}, whole);
  EXPECT_FALSE(equal(half, ByteView(whole).first(16)));
}

// What expand_with_label puts together on the stack, against KDFLabel written by the codec.
TEST(Labels, KdfLabelIsWhatTheCodecWrites) {
  for (const std::size_t label_bytes : {0U, 1U, 55U, 56U, 300U}) {
    for (const std::size_t context_bytes : {0U, 63U, 64U, 20'000U}) {
      const std::string label(label_bytes, 'x');
      const Bytes context(context_bytes, 3);
      Writer info;
      info.u16(50);
      info.opaque(as_bytes("MLS 1.0 " + label));
      info.opaque(context);
      const Secret secret;
      std::array<std::uint8_t, 50> expected{}, seen{};
      expand(kCrypto, secret.view(), info.bytes(), expected);
      expand_with_label(kCrypto, secret.view(), label, context, seen);
      EXPECT_EQ(expected, seen);
    }
  }
}

TEST(Labels, SignatureHoldsForOneLabel) {
  const KeyPair key = generate_signature_key_pair(kCrypto);
  const Signature signature = sign_with_label(kCrypto, key, "LeafNodeTBS", as_bytes("leaf"));
  EXPECT_TRUE(verify_with_label(kCrypto, key.key, "LeafNodeTBS", as_bytes("leaf"), signature));
  const Status other = verify_with_label(kCrypto, key.key, "KeyPackageTBS", as_bytes("leaf"), signature);
  EXPECT_EQ(other.error().reason, Reason::kSignature);
}

TEST(Labels, PairsBelongTogether) {
  const KeyPair encryption = generate_key_pair(kCrypto);
  EXPECT_EQ(encryption, encryption_pair(kCrypto, encryption.secret));
  const KeyPair signature = generate_signature_key_pair(kCrypto);
  EXPECT_EQ(signature, signature_pair(kCrypto, signature.secret));
  EXPECT_EQ(derive_key_pair(kCrypto, encryption.secret), derive_key_pair(kCrypto, encryption.secret));
}

}  // namespace
}  // namespace clients::mls
