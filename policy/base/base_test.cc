#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/base/bytes.h"
#include "policy/base/instant.h"

namespace policy::base {
namespace {

TEST(Instant, ReadsUtcAndOffsets) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z")->unix_s, 0);
  EXPECT_EQ(parse_instant("2026-03-28T20:00:00+01:00"), parse_instant("2026-03-28T19:00:00Z"));
  EXPECT_EQ(parse_instant("9999-12-31T23:59:59Z").value(), kEndOfTime);
  EXPECT_EQ(parse_instant("0001-01-01T00:00:00Z").value(), kBeginningOfTime);
}

TEST(Instant, RefusesWhatIsNotAnInstant) {
  for (const char* text : {"", "2026-03-28", "2026-03-28T19:00Z", "2026-03-28T19:00:00", "2026-03-28T19:00:00.5Z",
                           "2026-03-28 19:00:00Z", "2026-03-28T19:00:00+1:00", "2026-0a-28T19:00:00Z"}) {
    ASSERT_FALSE(parse_instant(text)) << text;
    EXPECT_EQ(parse_instant(text).error().code, "instant.syntax") << text;
  }
  for (const char* text : {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
                           "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00"}) {
    ASSERT_FALSE(parse_instant(text)) << text;
    EXPECT_EQ(parse_instant(text).error().code, "instant.range") << text;
  }
}

TEST(Instant, FormatAndParseAreInverse) {
  EXPECT_TRUE(rc::check("instant round trip", [] {
    const Instant t{*rc::gen::inRange<std::int64_t>(kBeginningOfTime.unix_s, kEndOfTime.unix_s)};
    RC_ASSERT(parse_instant(format_instant(t)).value() == t);
  }));
}

TEST(Duration, ReadsAndRefuses) {
  EXPECT_EQ(parse_duration("11h")->count, 39600);
  EXPECT_EQ(parse_duration("1h30m")->count, 5400);
  EXPECT_EQ(parse_duration("0m")->count, 0);
  for (const char* text : {"", "11", "h", "-1h", "30m1h", "1h1h", "1.5h", "1 h"}) {
    ASSERT_FALSE(parse_duration(text)) << text;
    EXPECT_EQ(parse_duration(text).error().code, "duration.syntax") << text;
  }
  EXPECT_EQ(parse_duration("99999999999d").error().code, "duration.range");
}

TEST(Duration, FormatAndParseAreInverse) {
  EXPECT_TRUE(rc::check("duration round trip", [] {
    const Seconds d{*rc::gen::inRange<std::int64_t>(0, 3660 * 86400)};
    RC_ASSERT(parse_duration(format_duration(d)).value() == d);
  }));
}

TEST(Bytes, TextFormsAreInverse) {
  EXPECT_TRUE(rc::check("hex and base64 round trip", [](const Bytes& bytes) {
    RC_ASSERT(from_hex(to_hex(bytes)).value() == bytes);
    RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)).value() == bytes);
  }));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_FALSE(from_base64("AA"));
  EXPECT_FALSE(from_base64url("AA=="));
  for (const char* text : {"\x80\x80\x80\x80", "AAA\xFF", "AAB", "AA\n"}) EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(Printable, LeavesTextAndEscapesTheRest) {
  EXPECT_EQ(printable("Grüße"), "Grüße");
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0Ab\\x1B[31m");
  EXPECT_EQ(printable("\xff"), "\\xFF");
  EXPECT_EQ(printable("\xE2\x80\xAE"), "\\u{202E}");
  EXPECT_LE(printable(std::string(1000, 'x')).size(), 90U);
}

}  // namespace
}  // namespace policy::base
