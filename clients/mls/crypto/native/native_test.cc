#include "clients/mls/crypto/native/native.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <numeric>
#include <string>
#include <thread>

namespace clients::mls {
namespace {

constexpr auto kAes = CipherSuite::kX25519Aes128GcmSha256Ed25519;
constexpr auto kChaCha = CipherSuite::kX25519ChaCha20Poly1305Sha256Ed25519;

Bytes hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return out;
}

template <std::size_t kSize = 32>
std::array<std::uint8_t, kSize> fixed(std::string_view text) {
  std::array<std::uint8_t, kSize> out{};
  std::ranges::copy(hex(text), out.begin());
  return out;
}

TEST(NativeCrypto, HashesLikeFips180AndRfc4231) {
  const NativeCrypto crypto;
  EXPECT_EQ(crypto.sha256(as_bytes("abc")), fixed("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(crypto.sha256({}), fixed("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(crypto.hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")),
            Secret(fixed("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")));
  // Case 6: the key is longer than a block.
  EXPECT_EQ(crypto.hmac_sha256(Bytes(131, 0xAA), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")),
            Secret(fixed("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")));
}

TEST(NativeCrypto, AgreesLikeRfc7748) {
  const NativeCrypto crypto;
  const PrivateKey alice(fixed("77076d0a7318a57d3c16c17251b26645df1f01a2d5d4c8ba0d4b6bcdf1a5b7f2"));
  const PrivateKey scalar(fixed("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
  EXPECT_EQ(crypto.x25519(scalar, fixed("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            Secret(fixed("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")));
  const PrivateKey bob(fixed("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  EXPECT_EQ(crypto.x25519_public(bob), fixed("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
  EXPECT_EQ(crypto.x25519(alice, crypto.x25519_public(bob)), crypto.x25519(bob, crypto.x25519_public(alice)));
}

// RFC 7748 § 6.1: every point of small order in every form that decodes to it gives zeros.
TEST(NativeCrypto, RefusesPointsOfSmallOrder) {
  const NativeCrypto crypto;
  PrivateKey secret;
  crypto.random(secret.writable());
  for (const std::string_view point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    PublicKey peer = fixed(point);
    EXPECT_FALSE(crypto.x25519(secret, peer)) << point;
    peer.back() |= 0x80;  // the unused bit
    EXPECT_FALSE(crypto.x25519(secret, peer)) << point;
  }
}

TEST(NativeCrypto, SignsLikeRfc8032) {
  const NativeCrypto crypto;
  KeyPair key{PrivateKey(fixed("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")), {}};
  key.key = crypto.ed25519_public(key.secret);
  EXPECT_EQ(key.key, fixed("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
  const Bytes message = hex("af82");
  Signature signature = crypto.ed25519_sign(key, message);
  EXPECT_EQ(signature, fixed<64>("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                                 "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"));
  EXPECT_TRUE(crypto.ed25519_verify(key.key, message, signature));
  EXPECT_FALSE(crypto.ed25519_verify(key.key, hex("af83"), signature));
  signature.front() ^= 1;
  EXPECT_FALSE(crypto.ed25519_verify(key.key, message, signature));
}

// With the neutral element as key, R = s·B verifies under the bare equation for every message.
TEST(NativeCrypto, KeysOfSmallOrderVerifyNothing) {
  const NativeCrypto crypto;
  const PublicKey neutral = fixed("0100000000000000000000000000000000000000000000000000000000000000");
  Signature signature{};
  std::ranges::copy(fixed("5866666666666666666666666666666666666666666666666666666666666666"), signature.begin());
  signature[32] = 1;  // R = B, s = 1
  EXPECT_FALSE(crypto.ed25519_verify(neutral, as_bytes("anything"), signature));
}

// Test case 4 of the GCM specification; RFC 8439 § 2.8.2.
TEST(NativeCrypto, SealsLikeTheSpecifications) {
  const NativeCrypto crypto;
  EXPECT_EQ(crypto.aead_seal(kAes, hex("feffe9928665731c6d6a8f9467308308"), hex("cafebabefacedbaddecaf888"),
                             hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
                             hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")),
            hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
                "5bc94fbc3221a5db94fae95ae7121a47"));
  const Bytes sealed = crypto.aead_seal(
      kChaCha, hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"), hex("070000004041424344454647"),
      hex("50515253c0c1c2c3c4c5c6c7"),
      as_bytes("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
               "would be it."));
  EXPECT_EQ(copy(ByteView(sealed).last(16)), hex("1ae10b594f09e26a7e902ecbd0600691"));
}

TEST(NativeCrypto, OpensOnlyWhatWasSealed) {
  const NativeCrypto crypto;
  for (const CipherSuite suite : {kAes, kChaCha}) {
    const Bytes key(aead_key_bytes(suite), 7), nonce(kAeadNonceBytes, 8), aad(3, 9);
    for (const std::size_t size : {0U, 1U, 1000U}) {
      const Bytes plaintext(size, 0x42);
      Bytes sealed = crypto.aead_seal(suite, key, nonce, aad, plaintext);
      ASSERT_EQ(sealed.size(), size + kAeadTagBytes);
      ASSERT_TRUE(crypto.aead_open(suite, key, nonce, aad, sealed));
      EXPECT_TRUE(equal(crypto.aead_open(suite, key, nonce, aad, sealed)->view(), plaintext));
      EXPECT_FALSE(crypto.aead_open(suite, key, nonce, {}, sealed));
      EXPECT_FALSE(crypto.aead_open(suite, key, nonce, aad, ByteView(sealed).first(sealed.size() - 1)));
      sealed.back() ^= 1;
      EXPECT_FALSE(crypto.aead_open(suite, key, nonce, aad, sealed));
    }
    EXPECT_FALSE(crypto.aead_open(suite, key, nonce, aad, Bytes(kAeadTagBytes - 1)));
  }
}

TEST(NativeCrypto, DrawsFromTheSourceThatWasGiven) {
  const NativeCrypto seeded([next = std::uint8_t{0}](std::span<std::uint8_t> out) mutable {
    for (std::uint8_t& byte : out) byte = next++;
  });
  std::array<std::uint8_t, 3> drawn{};
  seeded.random(drawn);
  seeded.random(drawn);
  EXPECT_EQ(drawn, (std::array<std::uint8_t, 3>{3, 4, 5}));

  Secret one, other;
  const NativeCrypto system;
  system.random(one.writable());
  system.random(other.writable());
  EXPECT_NE(one, other);
}

TEST(NativeCrypto, DoesEachItemOnce) {
  const NativeCrypto crypto;
  for (const std::size_t count : {0U, 1U, 7U, 8U, 1000U}) {
    std::vector<std::atomic<int>> done(count);
    crypto.for_each(count, [&](std::size_t i) {
      ++done[i];
      EXPECT_EQ(crypto.sha256({}).front(), 0xE3);
    });
    for (const std::atomic<int>& times : done) EXPECT_EQ(times, 1);
  }
}

}  // namespace
}  // namespace clients::mls
