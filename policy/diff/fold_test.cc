#include "policy/diff/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace policy::diff {
namespace {

using base::Interval;
using model::Effect;
using model::MessageClass;
using time::date_of;
using time::LocalDate;
using time::LocalTime;

const time::Zone& berlin() {
  static const time::Zone kZone = time::Zone::find("Europe/Berlin").value();
  return kZone;
}
const time::Holidays& holidays() {
  static const time::Holidays kDays({date_of({2026, 4, 3}), date_of({2026, 4, 6}), date_of({2026, 5, 1}),
                                     date_of({2026, 5, 14}), date_of({2026, 5, 25})});
  return kDays;
}
Interval year() {
  return {berlin().first_reading(date_of({2026, 1, 1}), {}), berlin().first_reading(date_of({2027, 1, 1}), {})};
}
Calendar calendar() { return {berlin(), holidays(), year()}; }

Change change(MessageClass c, Interval span, std::vector<std::string> after = {"r"}) {
  return {c, span, Effect::kDeliver, Effect::kHold, {}, std::move(after)};
}

Interval hours(LocalDate date, int from, int to) {
  return {berlin().first_reading(date, LocalTime{from * 3600}), berlin().last_reading(date, LocalTime{to * 3600})};
}

template <typename On>
std::vector<Change> on_days(MessageClass c, On on) {
  std::vector<Change> out;
  for (LocalDate date = date_of({2026, 1, 1}); date < date_of({2027, 1, 1}); date = date + 1)
    if (on(date)) out.push_back(change(c, hours(date, 18, 20)));
  return out;
}
bool monday(LocalDate date) { return time::weekday_of(date) == time::Weekday::kMonday; }

TEST(Fold, EveryMondayIsOneSentence) {
  const auto folded = fold(on_days(MessageClass::kRoutine, monday), calendar());
  ASSERT_EQ(folded.size(), 1U);
  ASSERT_EQ(folded[0].weekly.size(), 1U);
  EXPECT_EQ(folded[0].weekly[0].days, time::DaySet(1));
  EXPECT_FALSE(folded[0].holidays_apart);
  EXPECT_TRUE(folded[0].single.empty());
  EXPECT_TRUE(folded[0].weekly[0].not_on.empty());
}

TEST(Fold, HolidaysStandApartWhereTheyAreDifferent) {
  const auto folded = fold(
      on_days(MessageClass::kRoutine, [](LocalDate d) { return monday(d) && !holidays().contains(d); }), calendar());
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_TRUE(folded[0].holidays_apart);
  EXPECT_TRUE(folded[0].weekly[0].not_on.empty());
}

TEST(Fold, ExceptionsAndSinglesAreListed) {
  auto changes = on_days(MessageClass::kRoutine, [](LocalDate d) { return monday(d) && d != date_of({2026, 6, 1}); });
  changes.push_back(change(MessageClass::kRoutine, hours(date_of({2026, 6, 2}), 18, 20), {"s"}));
  const auto folded = fold(changes, calendar());
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_THAT(folded[0].weekly[0].not_on, testing::ElementsAre(date_of({2026, 6, 1})));
  EXPECT_THAT(folded[0].single, testing::ElementsAre(hours(date_of({2026, 6, 2}), 18, 20)));
  EXPECT_THAT(folded[0].weekly[0].rules, testing::ElementsAre("r"));
  EXPECT_THAT(folded[0].rules, testing::ElementsAre("s"));
}

TEST(Fold, ClassesAndTouchingStretchesAreJoined) {
  auto changes = on_days(MessageClass::kRoutine, monday);
  for (const Change& one : on_days(MessageClass::kUrgent, monday)) {
    Change first = one, second = one;
    first.span.end = second.span.begin = one.span.begin + base::kHour;
    second.rules_after = {"r"};
    changes.insert(changes.end(), {first, second});
  }
  const auto folded = fold(changes, calendar());
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_EQ(folded[0].classes, pack::ClassSet(0b0101));
}

TEST(Fold, TheWholeSpan) {
  const auto folded = fold({change(MessageClass::kAlarm, year())}, calendar());
  ASSERT_EQ(folded.size(), 1U);
  EXPECT_TRUE(folded[0].throughout);
  EXPECT_EQ(unfold(folded[0], calendar()), time::IntervalSet({year()}));
}

TEST(Fold, NothingIsLostAndNothingAdded) {
  std::mt19937_64 random(20260329);
  const auto roll = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int n = 0; n < 200; ++n) {
    // Weekly hours, often at the hours of the clock changes, with gaps, and some intervals anywhere.
    std::vector<Interval> spans;
    const int weekday = roll(0, 6), from = roll(0, 23), length = roll(1, 80), missing = roll(0, 30);
    for (LocalDate date = date_of({2026, 1, 1}); date < date_of({2027, 1, 1}); date = date + 1)
      if (static_cast<int>(time::weekday_of(date)) == weekday && roll(1, 100) > missing) {
        const LocalDate last = date + (from + length) / 24;
        spans.push_back({berlin().first_reading(date, LocalTime{from * 3600}),
                         berlin().last_reading(last, LocalTime{(from + length) % 24 * 3600})});
      }
    for (int k = roll(0, 4); k > 0; --k) {
      const base::Instant at = year().begin + base::Seconds{roll(0, 360 * 86400)};
      spans.push_back({at, at + base::Seconds{roll(1, 90000)}});
    }
    const time::IntervalSet all(std::move(spans));
    std::vector<Change> changes;
    for (const Interval& span : all.intervals()) changes.push_back(change(MessageClass::kRoutine, span));
    const auto folded = fold(changes, calendar());
    ASSERT_EQ(folded.size(), 1U);
    ASSERT_EQ(unfold(folded[0], calendar()), all);
  }
}

}  // namespace
}  // namespace policy::diff
