#include "clients/mls/schedule/psk.h"

#include <gtest/gtest.h>

#include "clients/mls/crypto/native/native.h"

namespace clients::mls {
namespace {

const NativeCrypto kCrypto;

Psk psk(std::uint8_t id, std::uint8_t secret) {
  PskId name;
  name.external_id = {id};
  name.nonce = Bytes(32, id);
  return {name, SecretBytes(Bytes(32, secret))};
}

TEST(PskSecret, NoKeyIsZeros) { EXPECT_EQ(psk_secret(kCrypto, {}), Secret()); }

TEST(PskSecret, OrderNameAndSecretCount) {
  const std::vector<Psk> both{psk(1, 1), psk(2, 2)}, turned{psk(2, 2), psk(1, 1)}, renamed{psk(3, 1), psk(2, 2)},
      other{psk(1, 3), psk(2, 2)};
  EXPECT_EQ(psk_secret(kCrypto, both), psk_secret(kCrypto, both));
  EXPECT_NE(psk_secret(kCrypto, both), psk_secret(kCrypto, turned));
  EXPECT_NE(psk_secret(kCrypto, both), psk_secret(kCrypto, renamed));
  EXPECT_NE(psk_secret(kCrypto, both), psk_secret(kCrypto, other));
  EXPECT_NE(psk_secret(kCrypto, both), psk_secret(kCrypto, std::span(both).first(1)));
}

TEST(PskSecret, MoreThanTheirNumberCanSayAreRefused) {
  const std::vector<Psk> many(0x10000);
  EXPECT_EQ(psk_secret(kCrypto, many).error(), (Error{Reason::kTooLarge, 0x10000}));
}

}  // namespace
}  // namespace clients::mls
