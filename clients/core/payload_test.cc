#include "clients/core/payload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "clients/core/backoff.h"

namespace clients::core {
namespace {

namespace base = policy::base;

TEST(PayloadTest, TheDocumentedExample) {
  const Payload payload{3, {0x0102030405}, "ja"};
  EXPECT_EQ(base::to_hex(encode(payload)), "010300000001020304056a61");
  EXPECT_EQ(parse_payload(encode(payload)), payload);
}

TEST(PayloadTest, HostileBytesAreErrors) {
  for (const auto* hex : {"", "01", "01030000000102030405", "02030000000102030405ff", "01000000000102030405aa6a",
                          "010500000001020304056a", "010180000000000000006a", "01017fffffffffffffff6a"}) {
    const auto payload = parse_payload(*base::from_hex(hex));
    ASSERT_FALSE(payload) << hex;
    EXPECT_EQ(payload.error().code, "payload.syntax") << hex;
  }
}

TEST(PayloadTest, Utf8AsInRfc3629) {
  for (const auto* good : {"", "a", "ä", "€", "😀", "\xEF\xBF\xBF"}) EXPECT_TRUE(is_utf8(good)) << good;
  for (const auto* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80"})
    EXPECT_FALSE(is_utf8(bad));
}

RC_GTEST_PROP(PayloadTest, WhatIsAcceptedEncodesBack, (const std::vector<std::uint8_t>& bytes)) {
  const auto payload = parse_payload(bytes);
  if (payload) RC_ASSERT(encode(*payload) == bytes);
}

TEST(BackoffTest, GrowsToItsBoundAndFallsBack) {
  base::SystemRandom random;
  Backoff backoff;
  std::int64_t span = Backoff::kFirst_ms;
  for (int i = 0; i < 20; ++i) {
    const auto wait = backoff.next_ms(random);
    EXPECT_GE(wait, span / 2);
    EXPECT_LE(wait, span);
    span = std::min(span * 2, Backoff::kLongest_ms);
  }
  backoff.succeeded();
  EXPECT_LE(backoff.next_ms(random), Backoff::kFirst_ms);
}

}  // namespace
}  // namespace clients::core
