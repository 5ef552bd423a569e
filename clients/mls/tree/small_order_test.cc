#include "clients/mls/tree/small_order.h"

#include <gtest/gtest.h>

#include "clients/mls/tree/testing/device.h"

namespace clients::mls {
namespace {

PublicKey key_of(std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
  PublicKey out;
  out.fill(middle);
  out.front() = first;
  out.back() = last;
  return out;
}

bool protects(const Crypto& crypto, const PublicKey& key) {
  return crypto.x25519(generate_key_pair(crypto).secret, key).has_value();
}

TEST(SmallOrder, IsWhatTheCurveRefuses) {
  const NativeCrypto crypto(seeded(1));
  const PublicKey order_eight{0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE, 0x16, 0x56, 0xE3,
                              0xFA, 0xF1, 0x9F, 0xC4, 0x6A, 0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32,
                              0xB1, 0xFD, 0x86, 0x62, 0x05, 0x16, 0x5F, 0x49, 0xB8, 0x00};
  const PublicKey other_eight{0x5F, 0x9C, 0x95, 0xBC, 0xA3, 0x50, 0x8C, 0x24, 0xB1, 0xD0, 0xB1,
                              0x55, 0x9C, 0x83, 0xEF, 0x5B, 0x04, 0x44, 0x5C, 0xC4, 0x58, 0x1C,
                              0x8E, 0x86, 0xD8, 0x22, 0x4E, 0xDD, 0xD0, 0x9F, 0x11, 0x57};
  for (PublicKey key : {key_of(0, 0, 0), key_of(1, 0, 0), key_of(0xEC, 0xFF, 0x7F), key_of(0xED, 0xFF, 0x7F),
                        key_of(0xEE, 0xFF, 0x7F), order_eight, other_eight}) {
    EXPECT_TRUE(is_small_order(key));
    EXPECT_FALSE(protects(crypto, key));
    key.back() |= 0x80;
    EXPECT_TRUE(is_small_order(key));
    EXPECT_FALSE(protects(crypto, key));
  }
  for (const PublicKey& key : {key_of(2, 0, 0), key_of(0xEB, 0xFF, 0x7F), generate_key_pair(crypto).key}) {
    EXPECT_FALSE(is_small_order(key));
    EXPECT_TRUE(protects(crypto, key));
  }
}

}  // namespace
}  // namespace clients::mls
