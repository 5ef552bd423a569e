#include <gtest/gtest.h>

#include "policy/model/facts.h"
#include "policy/model/message_class.h"

namespace policy::model {
namespace {

TEST(MessageClass, NamesAreInverse) {
  for (const MessageClass c : kMessageClasses) EXPECT_EQ(parse_message_class(name_of(c)).value(), c);
  EXPECT_EQ(parse_message_class("Routine").error().code, "class.unknown");
  EXPECT_EQ(parse_effect("drop").error().code, "effect.unknown");
  for (const char* effect : {"deliver", "silent", "hold"}) EXPECT_EQ(name_of(parse_effect(effect).value()), effect);
  EXPECT_LT(Effect::kSilent, Effect::kHold);
}

TEST(RosterKind, NamesAreInverse) {
  for (const char* kind : {"duty", "standby", "on-call", "leave", "sick", "training"})
    EXPECT_EQ(name_of(parse_roster_kind(kind).value()), kind);
  EXPECT_EQ(parse_roster_kind("oncall").error().code, "roster.unknown-kind");
  EXPECT_TRUE(counts_as_duty(RosterKind::kStandby));
  EXPECT_TRUE(counts_as_duty(RosterKind::kTraining));
  EXPECT_FALSE(counts_as_duty(RosterKind::kOnCall));
}

}  // namespace
}  // namespace policy::model
