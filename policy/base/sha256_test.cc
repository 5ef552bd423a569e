// Whichever way the processor takes: the same digest as libsodium's, at every length around the blocks' borders.
#include "policy/base/sha256.h"

#include <gtest/gtest.h>
#include <sodium.h>

namespace policy::base {
namespace {

Bytes counted(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + size);
  return bytes;
}

TEST(Sha256, KnownAnswers) {  // FIPS 180-4 examples, as NIST publishes them
  EXPECT_EQ(to_hex(sha256(std::string_view{})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, EveryLengthAgreesWithLibsodium) {
  for (std::size_t size = 0; size < 1100; ++size) {
    const Bytes bytes = counted(size);
    Sha256 expected;
    crypto_hash_sha256(expected.data(), bytes.data(), bytes.size());
    ASSERT_EQ(sha256(bytes), expected) << size;
    Sha256 key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(size + i * 11);
    crypto_auth_hmacsha256(expected.data(), bytes.data(), bytes.size(), key.data());
    ASSERT_EQ(hmac_sha256(key, bytes), expected) << size;
  }
}

}  // namespace
}  // namespace policy::base
