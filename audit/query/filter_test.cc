#include "audit/query/filter.h"

#include <gtest/gtest.h>

namespace audit::query {
namespace {

using event::RecordType;

const event::Pseudonym kAnna{{0xAA}}, kBernd{{0xBB}};
const event::DeviceId kPhone{{1}}, kOther{{2}};

event::Event held(std::string_view at) {
  return {policy::base::parse_instant(at).value(),
          event::MessageHeld{{kAnna},
                             event::MessageClass::kUrgent,
                             event::RuleIds::from(
                                 {event::RuleId::from("rest.daily").value(), event::RuleId::from("rest.night").value()})
                                 .value(),
                             {}}};
}

bool fits(const Wording& wording, const event::Event& event) {
  const Filter filter = parse(wording).value();
  const event::Leaf leaf{event::type_of(event.record), event::hour_of(event.at), event::subject_of(event.record), {}};
  return may_match(filter, leaf) && matches(filter, event);
}

TEST(Filter, AsksForWhatTheLeafSays) {
  const event::Event event = held("2026-11-23T09:30:00Z");
  EXPECT_TRUE(fits({}, event));
  EXPECT_TRUE(fits({.types = {"alarm-sent", "message-held"}}, event));
  EXPECT_FALSE(fits({.types = {"alarm-sent"}}, event));
  EXPECT_TRUE(fits({.subjects = {kBernd.text(), kAnna.text()}}, event));
  EXPECT_FALSE(fits({.subjects = {kBernd.text()}}, event));
  EXPECT_FALSE(fits({.subjects = {kAnna.text()}}, {event.at, event::ServiceStopped{}}));
}

TEST(Filter, PeriodsAreHalfOpenToTheSecond) {
  const event::Event event = held("2026-11-23T09:30:00Z");
  EXPECT_TRUE(fits({.begin = "2026-11-23T09:30:00Z"}, event));
  EXPECT_FALSE(fits({.begin = "2026-11-23T09:30:01Z"}, event));
  EXPECT_FALSE(fits({.end = "2026-11-23T09:30:00Z"}, event));
  EXPECT_TRUE(fits({.end = "2026-11-23T09:30:01Z"}, event));
  EXPECT_TRUE(fits({.begin = "2026-11-23", .end = "2026-11-24"}, event));
  EXPECT_FALSE(fits({.begin = "2026-11-24"}, event));
}

// Of an erased record only the hour is known: what may lie in the period is not ruled out.
TEST(Filter, AnHourThatOverlapsThePeriodMayMatch) {
  const event::Leaf leaf{RecordType::kMessageHeld, event::hour_of(held("2026-11-23T09:30:00Z").at), {kAnna}, {}};
  EXPECT_TRUE(may_match(parse({.begin = "2026-11-23T09:59:59Z"}).value(), leaf));
  EXPECT_FALSE(may_match(parse({.begin = "2026-11-23T10:00:00Z"}).value(), leaf));
  EXPECT_TRUE(may_match(parse({.end = "2026-11-23T09:00:01Z"}).value(), leaf));
  EXPECT_FALSE(may_match(parse({.end = "2026-11-23T09:00:00Z"}).value(), leaf));
}

TEST(Filter, AsksForWhatTheRecordSays) {
  const event::Event event = held("2026-11-23T09:30:00Z");
  EXPECT_TRUE(fits({.rule = "rest.night"}, event));
  EXPECT_FALSE(fits({.rule = "rest.weekly"}, event));
  EXPECT_TRUE(fits({.message_class = "urgent"}, event));
  EXPECT_FALSE(fits({.message_class = "routine"}, event));
  EXPECT_FALSE(fits({.reason = "urgent"}, event)) << "a class is no reason";
  const event::Event opened{{}, event::SessionOpened{{kAnna}, kPhone}};
  EXPECT_TRUE(fits({.device = kPhone.text()}, opened));
  EXPECT_FALSE(fits({.device = kOther.text()}, opened));
  EXPECT_FALSE(fits({.device = kPhone.text()}, event)) << "a record without a device";
  const event::Event refused{{}, event::LoginRefused{{kAnna}, event::LoginRefusal::kRateLimited}};
  EXPECT_TRUE(fits({.reason = "rate-limited"}, refused));
  EXPECT_FALSE(fits({.reason = "wrong-password"}, refused));
  const event::Event alarm{{}, event::AlarmSent{{kAnna}, event::RuleId::from("amok").value(), {}}};
  EXPECT_TRUE(fits({.reason = "amok"}, alarm));
  EXPECT_FALSE(fits({.rule = "amok"}, alarm)) << "a reason is no rule";
}

TEST(Filter, RefusesWhatItDoesNotKnow) {
  const auto code = [](const Wording& wording) {
    const auto filter = parse(wording);
    return filter ? "" : filter.error().code;
  };
  EXPECT_EQ(code({.types = {"message-text"}}), "usage.type");
  EXPECT_EQ(code({.begin = "yesterday"}), "usage.instant");
  EXPECT_EQ(code({.end = "2026-13-01"}), "usage.instant");
  EXPECT_EQ(code({.subjects = {"anna"}}), "usage.subject");
  EXPECT_EQ(code({.subjects = {"aa"}}), "usage.subject");
  EXPECT_EQ(code({.device = "phone"}), "usage.device");
  EXPECT_EQ(code({.rule = "Rest Daily"}), "usage.rule");
  EXPECT_EQ(code({.message_class = "private"}), "usage.class");
  EXPECT_EQ(code({.reason = "He was late"}), "usage.reason");
  EXPECT_TRUE(parse({.rule = "rest.daily"})->looks_inside());
  EXPECT_FALSE(parse({.types = {"alarm-sent"}, .begin = "2026-01-01"})->looks_inside());
}

}  // namespace
}  // namespace audit::query
