#include "relay/core/bucket.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "relay/core/limits.h"

namespace relay::core {
namespace {

using policy::base::Instant;
using policy::base::kDay;
using policy::base::kHour;
using policy::base::parse_instant;
using policy::base::Seconds;

Instant at(const char* text) { return parse_instant(text).value(); }

TEST(Bucket, HourlyUpTo48HoursDailyAbove) {
  const Instant now = at("2026-03-28T10:20:00Z");
  EXPECT_EQ(bucket_for(at("2026-03-28T12:59:59Z"), now)->begin, at("2026-03-28T12:00:00Z"));
  EXPECT_EQ(bucket_for(now + kHourlyReach, now)->span, kHour);
  const auto daily = bucket_for(now + kHourlyReach + Seconds{1}, now).value();
  EXPECT_EQ(daily.span, kDay);
  EXPECT_EQ(daily.begin, at("2026-03-30T00:00:00Z"));
  EXPECT_EQ(daily.end(), at("2026-03-31T00:00:00Z"));
}

TEST(Bucket, ADeadlineWithoutABoundaryBeforeItIsRefusedWithTheEarliestPossible) {
  const Instant now = at("2026-03-28T10:20:00Z");
  const auto refused = bucket_for(at("2026-03-28T10:59:59Z"), now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "deadline.too-short");
  EXPECT_NE(refused.error().allowed.find("2026-03-28T11:00:00Z"), std::string::npos);
  EXPECT_EQ(bucket_for(at("2026-03-28T11:00:00Z"), now)->begin, at("2026-03-28T11:00:00Z"));
  EXPECT_FALSE(bucket_for(at("2026-03-28T10:00:00Z"), now));
  EXPECT_FALSE(bucket_for(Instant{0}, now));
  EXPECT_EQ(bucket_for(now + kDeadlineReach + Seconds{1}, now).error().code, "deadline.too-long");
}

TEST(Bucket, NothingOutlivesItsDeadlineNorIsDueAtOnce) {
  EXPECT_TRUE(rc::check("now < effective deadline <= asked deadline < end of bucket", [] {
    const Instant now{*rc::gen::inRange<std::int64_t>(1'700'000'000, 2'000'000'000)};
    const Instant asked = now + Seconds{*rc::gen::inRange<std::int64_t>(3600, 10'000'000)};
    const Bucket bucket = bucket_for(asked, now).value();
    RC_ASSERT(now < bucket.deadline());
    RC_ASSERT(bucket.deadline() <= asked);
    RC_ASSERT(asked < bucket.end());
  }));
}

}  // namespace
}  // namespace relay::core
