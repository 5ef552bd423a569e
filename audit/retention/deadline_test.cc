#include "audit/retention/deadline.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "audit/event/codec.h"

namespace audit::retention {
namespace {

using event::Deadline;
using policy::base::Instant;

Instant at(const char* text) { return policy::base::parse_instant(text).value(); }
std::string due_of(Deadline deadline, const char* logged) {
  return policy::base::format_instant(due(deadline, event::hour_of(at(logged))));
}

TEST(Deadline, CountsFromTheEndOfTheHour) {
  EXPECT_EQ(due_of(Deadline::kThreeMonths, "2026-11-23T09:15:00Z"), "2027-02-23T10:00:00Z");
  EXPECT_EQ(due_of(Deadline::kThreeMonths, "2026-11-30T09:15:00Z"), "2027-02-28T10:00:00Z");
  EXPECT_EQ(due_of(Deadline::kThreeMonths, "2026-11-30T23:59:59Z"), "2027-03-01T00:00:00Z");
  EXPECT_EQ(due_of(Deadline::kTwoYears, "2028-02-29T12:00:00Z"), "2030-02-28T13:00:00Z");
  EXPECT_EQ(due_of(Deadline::kTwoYears, "2026-12-31T23:30:00Z"), "2029-01-01T00:00:00Z");
}

TEST(Deadline, TheYearIsThatOfTheRecord) {
  EXPECT_EQ(due_of(Deadline::kEndOfFollowingYear, "2026-01-01T00:00:00Z"), "2028-01-01T00:00:00Z");
  EXPECT_EQ(due_of(Deadline::kEndOfFollowingYear, "2026-12-31T23:59:59Z"), "2028-01-01T00:00:00Z");
  EXPECT_EQ(due_of(Deadline::kEndOfFollowingYear, "2027-01-01T00:00:00Z"), "2029-01-01T00:00:00Z");
}

TEST(Deadline, EveryRecordHasOne) {
  EXPECT_EQ(deadline_of(event::RecordType::kLoginRefused), Deadline::kThreeMonths);
  EXPECT_EQ(deadline_of(event::RecordType::kMessageHeldBy), Deadline::kTwoYears);
  EXPECT_EQ(deadline_of(event::RecordType::kServiceStopped), Deadline::kEndOfFollowingYear);
  for (const auto& declaration : event::declarations())
    for (const auto& field : declaration.fields) EXPECT_EQ(field.deadline, deadline_of(declaration.type));
}

TEST(Deadline, WhatIsKeptBeginsWhereDueEnds) {
  EXPECT_TRUE(rc::check("the first kept hour", [] {
    const auto deadline = *rc::gen::element(Deadline::kThreeMonths, Deadline::kTwoYears, Deadline::kEndOfFollowingYear);
    const Instant now{*rc::gen::inRange<std::int64_t>(0, 4102444800)};
    const std::uint32_t first = first_kept_hour(deadline, now);
    RC_ASSERT(due(deadline, first) > now);
    RC_ASSERT(first == 0 || due(deadline, first - 1) <= now);
  }));
}

}  // namespace
}  // namespace audit::retention
