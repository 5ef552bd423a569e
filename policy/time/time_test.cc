#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/time/interval_set.h"
#include "policy/time/rest.h"
#include "policy/time/window.h"
#include "policy/time/zone.h"

namespace policy::time {
namespace {

using base::kHour;
using base::kMinute;

Instant at(const char* text) { return base::parse_instant(text).value(); }
Interval span_of(const char* begin, const char* end) { return {at(begin), at(end)}; }
const Zone& berlin() {
  static const Zone zone = Zone::find("Europe/Berlin").value();
  return zone;
}
IntervalSet set_of(std::vector<Interval> intervals) { return IntervalSet(std::move(intervals)); }
LocalTime clock(int hour, int minute = 0) { return {(hour * 60 + minute) * 60}; }

TEST(Civil, DatesAndWeekdays) {
  EXPECT_EQ(weekday_of(date_of({2026, 3, 28})), Weekday::kSaturday);
  EXPECT_EQ(weekday_of(date_of({1969, 12, 31})), Weekday::kWednesday);
  EXPECT_EQ(monday_of_week(date_of({2026, 3, 29})), date_of({2026, 3, 23}));
  EXPECT_TRUE(real_date(2028, 2, 29));
  EXPECT_FALSE(real_date(2026, 2, 29));
  EXPECT_FALSE(real_date(2026, 13, 1));
  EXPECT_TRUE(rc::check("civil round trip", [] {
    const LocalDate date{*rc::gen::inRange<std::int64_t>(-719162, 2932896)};
    RC_ASSERT(date_of(civil_of(date)) == date);
  }));
}

TEST(Civil, EasterOfKnownYears) {
  // PTB, "Osterdatum": earliest and latest dates of the century and the years around now.
  for (const YearMonthDay& easter : {YearMonthDay{2020, 4, 12}, YearMonthDay{2024, 3, 31}, YearMonthDay{2026, 4, 5},
                                     YearMonthDay{2027, 3, 28}, YearMonthDay{2035, 3, 25}, YearMonthDay{2038, 4, 25}}) {
    EXPECT_EQ(civil_of(easter_sunday(easter.year)), easter);
  }
}

TEST(Zone, KnowsNamesAndRefusesOthers) {
  for (const char* name : {"", "Europe/Bärlin", "../../etc/passwd", "/etc/passwd", "Europe/Nowhere", "Europe/Berlin\n"})
    EXPECT_EQ(Zone::find(name).error().code, "zone.unknown") << name;
  EXPECT_EQ(berlin().abbreviation_at(at("2026-07-01T00:00:00Z")), "CEST");
  EXPECT_EQ(berlin().date_at(at("2026-03-28T23:00:00Z")), date_of({2026, 3, 29}));
  EXPECT_EQ(berlin().time_at(at("2026-03-28T23:00:01Z")).second, 1);
}

TEST(Zone, GapIsTheInstantOfTheChange) {
  const LocalDate spring = date_of({2026, 3, 29});
  const Instant change = at("2026-03-29T01:00:00Z");
  EXPECT_EQ(berlin().first_reading(spring, clock(2)), change);
  EXPECT_EQ(berlin().first_reading(spring, clock(2, 30)), change);
  EXPECT_EQ(berlin().last_reading(spring, clock(2, 30)), change);
  EXPECT_EQ(berlin().last_reading(spring, clock(3)), change);
  EXPECT_EQ(berlin().first_reading(spring, clock(1, 59)), change - kMinute);
  EXPECT_EQ(berlin().readings(spring, clock(2, 30)), 0);
  EXPECT_EQ(berlin().readings(spring, clock(3)), 1);
}

TEST(Zone, OverlapHasTwoReadings) {
  const LocalDate autumn = date_of({2026, 10, 25});
  EXPECT_EQ(berlin().first_reading(autumn, clock(2, 30)), at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(berlin().last_reading(autumn, clock(2, 30)), at("2026-10-25T01:30:00Z"));
  EXPECT_EQ(berlin().first_reading(autumn, clock(3)), at("2026-10-25T02:00:00Z"));
  EXPECT_EQ(berlin().last_reading(autumn, clock(3)), at("2026-10-25T02:00:00Z"));
  EXPECT_EQ(berlin().readings(autumn, clock(2, 30)), 2);
  const auto odd = first_odd_reading(berlin(), clock(2, 30), 2026, 2026);
  ASSERT_TRUE(odd.has_value());
  EXPECT_EQ(odd->date, date_of({2026, 3, 29}));
  EXPECT_FALSE(first_odd_reading(berlin(), clock(20), 2026, 2036).has_value());
}

TEST(Zone, RepeatsTheLastListedYear) {
  EXPECT_EQ(berlin().offset_at(at("2040-07-01T00:00:00Z")), Seconds{7200});
  // Last Sunday of March 2040 is the 25th, of October 2096 the 28th.
  EXPECT_EQ(berlin().first_reading(date_of({2040, 3, 25}), clock(2, 30)), at("2040-03-25T01:00:00Z"));
  EXPECT_EQ(berlin().readings(date_of({2096, 10, 28}), clock(2, 30)), 2);
  EXPECT_EQ(berlin().offset_at(base::kEndOfTime), Seconds{3600});
  const Zone chicago = Zone::find("America/Chicago").value();  // second Sunday of March, first of November
  EXPECT_EQ(chicago.readings(date_of({2041, 3, 10}), clock(2, 30)), 0);
  EXPECT_EQ(chicago.readings(date_of({2041, 11, 3}), clock(1, 30)), 2);
}

TEST(Zone, ListsClockChanges) {
  const auto changes = berlin().clock_changes(span_of("2026-03-29T01:00:00Z", "2027-03-28T01:00:00Z"));
  EXPECT_EQ(changes, (std::vector{at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z")}));
  EXPECT_EQ(berlin().clock_changes(span_of("2040-01-01T00:00:00Z", "2050-01-01T00:00:00Z")).size(), 20U);
}

TEST(Zone, SkipsAWholeDate) {
  // Samoa went from 29 to 31 December 2011.
  const Zone apia = Zone::find("Pacific/Apia").value();
  const LocalDate missing = date_of({2011, 12, 30});
  EXPECT_EQ(apia.readings(missing, clock(12)), 0);
  EXPECT_EQ(apia.first_reading(missing, clock(12)), apia.last_reading(missing, clock(12)));
  EXPECT_EQ(apia.first_reading(missing, clock(12)), at("2011-12-30T10:00:00Z"));
}

TEST(Window, CrossesMidnightAndClockChanges) {
  const Window night{DaySet(0xFF), clock(20), clock(7)};
  const auto march = closings(night, berlin(), {}, span_of("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"));
  EXPECT_EQ(march, set_of({span_of("2026-03-28T19:00:00Z", "2026-03-29T05:00:00Z")}));  // ten hours
  const auto october = closings(night, berlin(), {}, span_of("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"));
  EXPECT_EQ(october, set_of({span_of("2026-10-24T18:00:00Z", "2026-10-25T06:00:00Z")}));  // twelve
}

TEST(Window, HolidayIsNotItsWeekday) {
  const Holidays holidays({date_of({2026, 5, 1})});  // a Friday
  const Interval day = span_of("2026-04-30T22:00:00Z", "2026-05-01T22:00:00Z");
  DaySet friday;
  friday.set(4);
  EXPECT_TRUE(closings({friday, clock(8), clock(9)}, berlin(), holidays, day).empty());
  DaySet holiday;
  holiday.set(kHolidayBit);
  EXPECT_EQ(closings({holiday, clock(8), clock(9)}, berlin(), holidays, day),
            set_of({span_of("2026-05-01T06:00:00Z", "2026-05-01T07:00:00Z")}));
}

TEST(Window, FromEqualToIsAWholeDay) {
  DaySet monday;
  monday.set(0);
  const auto found =
      closings({monday, clock(6), clock(6)}, berlin(), {}, span_of("2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z"));
  EXPECT_EQ(found, set_of({span_of("2026-06-01T04:00:00Z", "2026-06-02T04:00:00Z")}));
}

TEST(Rest, MergesLessThanTheGap) {
  const std::vector<Interval> entries{span_of("2026-06-01T06:00:00Z", "2026-06-01T10:00:00Z"),
                                      span_of("2026-06-01T10:59:59Z", "2026-06-01T12:00:00Z"),
                                      span_of("2026-06-01T13:00:00Z", "2026-06-01T14:00:00Z")};
  const auto merged = merge_duties(entries, kHour);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0], span_of("2026-06-01T06:00:00Z", "2026-06-01T12:00:00Z"));
  EXPECT_EQ(merge_duties({{{0}, {5}}, {{5}, {9}}}, Seconds{0}).size(), 1U);
}

TEST(Rest, EndsWithTheNextDuty) {
  const std::vector<Interval> duties{{{0}, {1000}}, {{5000}, {6000}}};
  const RestTerms terms{Seconds{10000}, Seconds{100}, Seconds{50}, {}};
  EXPECT_EQ(rest_after_duty(duties, {}, terms), set_of({{{1100}, {4950}}, {{6100}, {16100}}}));
}

TEST(Rest, RestartsAndChains) {
  const std::vector<Interval> duties{{{0}, {1000}}, {{50000}, {51000}}};
  RestTerms terms{Seconds{10000}, Seconds{0}, Seconds{0}, {}};
  const std::vector<Interval> calls{{{10500}, {10510}}, {{20000}, {20900}}};
  EXPECT_EQ(rest_after_duty({duties.data(), 1}, calls, terms), set_of({{{1000}, {30000}}}));
  terms.restart = {Restart::When::kLongerThan, Seconds{900}};
  EXPECT_EQ(rest_after_duty({duties.data(), 1}, calls, terms), set_of({{{1000}, {11000}}}));
  terms.restart = {Restart::When::kNever, {}};
  EXPECT_EQ(rest_after_duty({duties.data(), 1}, calls, terms), set_of({{{1000}, {11000}}}));
  terms.restart = {};
  EXPECT_EQ(earliest_relevant_end(Instant{29999}, calls, terms), Instant{500});
}

TEST(Rest, OffDutyIsTheComplement) {
  const std::vector<Interval> duties{{{1000}, {2000}}};
  EXPECT_EQ(off_duty(duties, Seconds{10}, Seconds{20}, Interval{{0}, {3000}}),
            set_of({{{0}, {980}}, {{2010}, {3000}}}));
}

rc::Gen<IntervalSet> any_set() {
  const auto interval = rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 60), rc::gen::inRange(0, 20)),
                                     [](std::pair<int, int> p) { return Interval{{p.first}, {p.first + p.second}}; });
  return rc::gen::map(rc::gen::container<std::vector<Interval>>(interval),
                      [](std::vector<Interval> all) { return IntervalSet(std::move(all)); });
}

TEST(IntervalSet, AlgebraAgreesWithEachInstant) {
  EXPECT_TRUE(rc::check("set algebra", [] {
    const IntervalSet a = *any_set(), b = *any_set();
    const IntervalSet both = intersect(a, b);
    const IntervalSet united = unite(a, b), left = subtract(a, b), cut = clip(a, {{10}, {50}});
    const IntervalSet rest = complement(a, {{10}, {50}});
    for (std::int64_t s = -1; s < 90; ++s) {
      const Instant t{s};
      const bool inside = s >= 10 && s < 50;
      RC_ASSERT(united.contains(t) == (a.contains(t) || b.contains(t)));
      RC_ASSERT(left.contains(t) == (a.contains(t) && !b.contains(t)));
      RC_ASSERT(cut.contains(t) == (a.contains(t) && inside));
      RC_ASSERT(rest.contains(t) == (!a.contains(t) && inside));
      RC_ASSERT(a.meets({t, t + Seconds{1}}) == a.contains(t));
    }
  }));
}

// What opens must not grow by a clock change, so it is read the other way round than what closes.
TEST(Openings, NeverGrowByAClockChange) {
  const Holidays none;
  const Window hours{DaySet().set(6), clock(2, 30), clock(6)};
  const Interval autumn = span_of("2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z");
  // 02:30 comes twice, at 00:30Z and at 01:30Z.
  EXPECT_EQ(openings(hours, berlin(), none, autumn), set_of({span_of("2026-10-25T01:30:00Z", "2026-10-25T05:00:00Z")}));
  EXPECT_EQ(closings(hours, berlin(), none, autumn), set_of({span_of("2026-10-25T00:30:00Z", "2026-10-25T05:00:00Z")}));
  const Window until{DaySet().set(5), clock(20), clock(2, 30)};
  EXPECT_EQ(openings(until, berlin(), none, autumn), set_of({span_of("2026-10-24T18:00:00Z", "2026-10-25T00:30:00Z")}));
  // 02:00 to 03:00 is skipped in spring.
  const Window skipped{DaySet().set(6), clock(2), clock(3)};
  EXPECT_TRUE(openings(skipped, berlin(), none, span_of("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z")).empty());
  // Its two readings in autumn leave nothing between the last begin and the first end.
  const Window twice{DaySet().set(6), clock(2, 10), clock(2, 50)};
  EXPECT_TRUE(openings(twice, berlin(), none, autumn).empty());
}

TEST(Openings, AreClosingsWhereTheClockIsSteady) {
  const Holidays holidays({date_of({2026, 6, 3})});
  const Window night{DaySet().set(0).set(2).set(kHolidayBit), clock(20), clock(6)};
  const Interval june = span_of("2026-06-01T21:00:00Z", "2026-06-20T03:00:00Z");
  EXPECT_EQ(openings(night, berlin(), holidays, june), closings(night, berlin(), holidays, june));
  EXPECT_FALSE(openings(night, berlin(), holidays, june).empty());
}

TEST(Zone, ChangesOfTheClockInASpan) {
  const Zone berlin = Zone::find("Europe/Berlin").value();
  const auto at = [](const char* text) { return base::parse_instant(text).value(); };
  const Instant spring = at("2026-03-29T01:00:00Z"), autumn = at("2026-10-25T01:00:00Z");
  EXPECT_EQ(berlin.changes_in({at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")}),
            (std::vector<Instant>{spring, autumn}));
  EXPECT_EQ(berlin.changes_in({spring, autumn}), std::vector<Instant>());
  EXPECT_EQ(berlin.changes_in({spring - base::Seconds{1}, spring + base::Seconds{1}}), std::vector<Instant>{spring});
  EXPECT_EQ(Zone::find("UTC").value().changes_in({at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")}),
            std::vector<Instant>());
}

}  // namespace
}  // namespace policy::time
