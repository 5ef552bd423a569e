// The small pure parts of the exchange: limits of sending, deadlines.
#include <gtest/gtest.h>

#include "gateway/proxy/retention.h"
#include "gateway/proxy/send_meter.h"

namespace gateway::proxy {
namespace {

using policy::base::Instant;
using policy::base::kHour;
using policy::base::Seconds;
using policy::model::MessageClass;

const std::vector<policy::pack::SendLimit> kTwoAnHour{{2, kHour, "test.alarm"}};

TEST(SendMeter, TheThirdIsRefusedUntilTheFirstIsOldEnough) {
  SendMeter meter;
  const Instant now{1'000'000};
  EXPECT_TRUE(meter.admit("ada", MessageClass::kAlarm, "1", kTwoAnHour, now));
  EXPECT_TRUE(meter.admit("ada", MessageClass::kAlarm, "2", kTwoAnHour, now + Seconds{10}));
  const auto third = meter.admit("ada", MessageClass::kAlarm, "3", kTwoAnHour, now + Seconds{20});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, "alarm.limit");
  EXPECT_NE(third.error().remedy.find(policy::base::format_instant(now + kHour)), std::string::npos);
  EXPECT_FALSE(meter.admit("ada", MessageClass::kAlarm, "3", kTwoAnHour, now + kHour - Seconds{1}));
  EXPECT_TRUE(meter.admit("ada", MessageClass::kAlarm, "3", kTwoAnHour, now + kHour));
}

TEST(SendMeter, RepeatsOthersAndOtherClassesCountApart) {
  SendMeter meter;
  const Instant now{1'000'000};
  for (int repeat = 0; repeat < 5; ++repeat)
    EXPECT_TRUE(meter.admit("ada", MessageClass::kAlarm, "1", kTwoAnHour, now));
  EXPECT_TRUE(meter.admit("ada", MessageClass::kAlarm, "2", kTwoAnHour, now));
  EXPECT_TRUE(meter.admit("bea", MessageClass::kAlarm, "3", kTwoAnHour, now));
  EXPECT_TRUE(meter.admit("ada", MessageClass::kUrgent, "4", kTwoAnHour, now));
  EXPECT_FALSE(meter.admit("ada", MessageClass::kAlarm, "5", kTwoAnHour, now));
}

TEST(Retention, CountsFromAcceptanceOrFromReadableUnderTheCeiling) {
  const Instant now{1'000'000};
  policy::pack::RetentionRules rules;
  rules.period = Seconds{100};
  rules.ceiling = Seconds{1000};
  rules.floor = Seconds{50};
  EXPECT_EQ(deadline_for(rules, now, now + Seconds{500}, Seconds{0}), now + Seconds{100});
  EXPECT_EQ(deadline_for(rules, now, now, Seconds{70}), now + Seconds{70});
  EXPECT_EQ(deadline_for(rules, now, now, Seconds{10}), now + Seconds{50}) << "never below the floor";
  EXPECT_EQ(deadline_for(rules, now, now, Seconds{9999}), now + Seconds{100}) << "never above the rule";
  rules.from_readable = true;
  EXPECT_EQ(deadline_for(rules, now, now + Seconds{500}, Seconds{0}), now + Seconds{600});
  EXPECT_EQ(deadline_for(rules, now, policy::base::kEndOfTime, Seconds{0}), now + Seconds{1000})
      << "the ceiling is hard";
}

}  // namespace
}  // namespace gateway::proxy
