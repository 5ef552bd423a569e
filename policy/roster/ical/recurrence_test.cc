#include "policy/roster/ical/recurrence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace policy::roster::ical {
namespace {

using testing::HasSubstr;
using time::LocalDate;

LocalDate day(std::int64_t year, int month, int date) { return time::date_of({year, month, date}); }

std::string text(LocalDate date) { return base::format_instant({date.days * 86400}).substr(0, 10); }

// Days of the rule as text, or its error.
std::string days_of(std::string_view rule, LocalDate first, LocalDate last, std::size_t max = kRecurrencesMax) {
  const auto parsed = parse_rule(rule);
  if (!parsed) return std::to_string(parsed.error().offset) + " " + to_string(parsed.error().error);
  const auto days = expand(*parsed, first, last, max);
  if (!days) return to_string(days.error());
  std::string out;
  for (const LocalDate one : *days) out += (out.empty() ? "" : " ") + text(one).substr(2);
  return out;
}

// The examples of RFC 5545 § 3.8.5.3 that count whole days, with the RFC's own answers.
TEST(Recurrence, ExamplesOfTheRfc) {
  const LocalDate far = day(2041, 1, 1);
  EXPECT_EQ(days_of("FREQ=DAILY;COUNT=3", day(1997, 9, 2), far), "97-09-02 97-09-03 97-09-04");
  EXPECT_EQ(days_of("FREQ=DAILY;INTERVAL=10;COUNT=5", day(1997, 9, 2), far),
            "97-09-02 97-09-12 97-09-22 97-10-02 97-10-12");
  EXPECT_EQ(days_of("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", day(1997, 9, 2), far),
            "97-09-02 97-09-04 97-09-09 97-09-11 97-09-16 97-09-18 97-09-23 97-09-25 97-09-30 97-10-02");
  EXPECT_EQ(days_of("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", day(1997, 9, 2), far),
            "97-09-02 97-09-04 97-09-16 97-09-18 97-09-30 97-10-02 97-10-14 97-10-16");
  EXPECT_EQ(days_of("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", day(1997, 8, 5), far),
            "97-08-05 97-08-10 97-08-19 97-08-24");
  EXPECT_EQ(days_of("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", day(1997, 8, 5), far),
            "97-08-05 97-08-17 97-08-19 97-08-31");
  EXPECT_EQ(days_of("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", day(1997, 9, 22), far),
            "97-09-22 97-10-20 97-11-17 97-12-22 98-01-19 98-02-16");
  EXPECT_EQ(days_of("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", day(1997, 9, 7), far),
            "97-09-07 97-09-28 97-11-02 97-11-30 98-01-04 98-01-25 98-03-01 98-03-29 98-05-03 98-05-31");
  EXPECT_EQ(days_of("FREQ=MONTHLY;COUNT=6;BYMONTHDAY=-3", day(1997, 9, 28), far),
            "97-09-28 97-10-29 97-11-28 97-12-29 98-01-29 98-02-26");
  EXPECT_EQ(days_of("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", day(1997, 9, 30), far),
            "97-09-30 97-10-01 97-10-31 97-11-01 97-11-30 97-12-01 97-12-31 98-01-01 98-01-31 98-02-01");
  EXPECT_EQ(days_of("FREQ=MONTHLY;COUNT=4;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", day(1997, 9, 13), far),
            "97-09-13 97-10-11 97-11-08 97-12-13");
  EXPECT_EQ(days_of("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", day(1997, 9, 4), far),
            "97-09-04 97-10-07 97-11-06");
  EXPECT_EQ(days_of("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=4", day(1997, 9, 29), far),
            "97-09-29 97-10-30 97-11-27 97-12-30");
  EXPECT_EQ(days_of("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", day(1997, 1, 1), far),
            "97-01-01 97-04-10 97-07-19 00-01-01 00-04-09 00-07-18 03-01-01 03-04-10 03-07-19 06-01-01");
  EXPECT_EQ(days_of("FREQ=YEARLY;BYDAY=20MO;COUNT=3", day(1997, 5, 19), far), "97-05-19 98-05-18 99-05-17");
  EXPECT_EQ(
      days_of("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3", day(1996, 11, 5), far),
      "96-11-05 00-11-07 04-11-02");
  EXPECT_EQ(days_of("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", day(2007, 1, 15), far),
            "07-01-15 07-01-30 07-02-15 07-03-15 07-03-30");  // 30 February is left out
}

// ---- two readings

std::vector<int> some(int max, bool negative, std::size_t size) {
  std::vector<int> out;
  while (out.size() < size) {
    const int value = *rc::gen::inRange(1, max + 1) * (negative && *rc::gen::inRange(0, 3) == 0 ? -1 : 1);
    if (std::ranges::find(out, value) == out.end()) out.push_back(value);
  }
  return out;
}

std::string list(std::string_view name, const std::vector<int>& values) {
  std::string out;
  for (const int value : values) out += (out.empty() ? ";" + std::string(name) + "=" : ",") + std::to_string(value);
  return out;
}

// What calendar programs offer: each n-th day; each n-th week on some days; each n-th month on days or weekdays of it;
// each year.
std::string common_rule() {
  constexpr std::array<std::string_view, 7> kDays{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  const auto chance = [](int of) { return *rc::gen::inRange(0, of) == 0; };
  const auto weekday = [&] { return std::string(kDays[*rc::gen::inRange<std::size_t>(0, 7)]); };
  std::string out = ";INTERVAL=" + std::to_string(*rc::gen::inRange(1, 5)) + (chance(2) ? ";WKST=MO" : "");
  if (chance(2)) out += ";COUNT=" + std::to_string(*rc::gen::inRange(1, 60));
  switch (*rc::gen::inRange(0, 6)) {
    case 0: return "FREQ=DAILY" + out;
    case 1: {
      out = "FREQ=WEEKLY" + out;
      std::size_t n = 0;
      for (const int number : some(7, false, *rc::gen::inRange<std::size_t>(1, 6)))
        out += (n++ == 0 ? ";BYDAY=" : ",") + std::string(kDays[static_cast<std::size_t>(number - 1)]);
      return out;
    }
    case 2: return "FREQ=MONTHLY" + out + list("BYMONTHDAY", some(31, false, *rc::gen::inRange<std::size_t>(1, 8)));
    case 3:
      return "FREQ=MONTHLY" + out + ";BYDAY=" + (chance(2) ? "-1" : std::to_string(*rc::gen::inRange(1, 5))) +
             weekday();
    case 4:
      return "FREQ=MONTHLY" + out + ";BYDAY=MO,TU,WE,TH,FR" +
             list("BYSETPOS", some(5, true, *rc::gen::inRange<std::size_t>(1, 3)));
    default: return "FREQ=YEARLY" + out + list("BYMONTH", some(12, false, 1)) + list("BYMONTHDAY", some(28, false, 1));
  }
}

TEST(Recurrence, LibicalAndTheTableAgreeOnWhatCalendarsOffer) {
  EXPECT_TRUE(rc::check("expand", [] {
    const std::string rule_text = common_rule();
    const auto rule = parse_rule(rule_text);
    RC_ASSERT(rule.has_value());
    // The first day that the rule names in some month, so that DTSTART is one of its days.
    const LocalDate start = day(2020 + *rc::gen::inRange(0, 12), *rc::gen::inRange(1, 13), *rc::gen::inRange(1, 29));
    LocalDate first = start;
    const auto is_first = [&] { return !read_by_the_table(*rule, first, first, 1).empty(); };
    while (first < start + 366 && !is_first()) first = first + 1;
    RC_PRE(is_first());
    const LocalDate last = first + *rc::gen::inRange(0, 6 * 366);
    RC_LOG() << rule_text << " from " << text(first) << " to " << text(last);
    RC_ASSERT(expand(*rule, first, last, kRecurrencesMax).value() ==
              read_by_the_table(*rule, first, last, kRecurrencesMax));
  }));
}

TEST(Recurrence, WhatLibicalMisreadsIsRefused) {
  EXPECT_THAT(days_of("FREQ=DAILY;BYMONTHDAY=-1", day(2026, 1, 31), day(2027, 1, 1)),
              HasSubstr("libical reads differently"));
  EXPECT_THAT(days_of("FREQ=YEARLY;BYMONTHDAY=8", day(2026, 1, 8), day(2027, 1, 1)),
              HasSubstr("libical reads differently"));
}

// ---- refused

TEST(Recurrence, RefusesWhereTheTextIsWrong) {
  const auto refused = [](std::string_view rule) { return days_of(rule, day(2026, 1, 5), day(2026, 2, 1)); };
  EXPECT_THAT(refused("FREQ=SECONDLY"), HasSubstr("5 'SECONDLY' in a recurrence rule; allowed: FREQ=DAILY, WEEKLY"));
  EXPECT_THAT(refused("FREQ=DAILY;BYHOUR=1"), HasSubstr("11 'BYHOUR'"));
  EXPECT_THAT(refused("FREQ=YEARLY;BYWEEKNO=1"), HasSubstr("12 'BYWEEKNO'"));
  EXPECT_THAT(refused("FREQ=DAILY;COUNT=1000000"), HasSubstr("17 '1000000' in a recurrence rule; allowed: 1 to 20000"));
  EXPECT_THAT(refused("FREQ=DAILY;INTERVAL=0"), HasSubstr("20 '0'"));
  EXPECT_THAT(refused("FREQ=DAILY;COUNT=2;COUNT=2"),
              HasSubstr("19 'COUNT' in a recurrence rule; allowed: each part once"));
  EXPECT_THAT(refused("FREQ=DAILY;COUNT=2;UNTIL=20260101"), HasSubstr("COUNT together with UNTIL"));
  EXPECT_THAT(refused("FREQ=MONTHLY;BYMONTHDAY=5,5"), HasSubstr("26 '5'"));
  EXPECT_THAT(refused("FREQ=MONTHLY;BYDAY=1MO,0TU"), HasSubstr("23 '0TU'"));
  EXPECT_THAT(refused("FREQ=WEEKLY;BYDAY=1MO"), HasSubstr("a numbered weekday in a daily or weekly rule"));
  EXPECT_THAT(refused("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1"), HasSubstr("BYSETPOS in a daily or weekly rule"));
  EXPECT_THAT(refused("BYDAY=MO"), HasSubstr("a rule without FREQ"));
  EXPECT_THAT(refused(""), HasSubstr("0 ''"));
  EXPECT_THAT(refused("FREQ=DAILY;UNTIL=20260231"), HasSubstr("17 '20260231'"));
}

TEST(Recurrence, TheFirstDayMustBeOne) {
  EXPECT_THAT(days_of("FREQ=WEEKLY;BYDAY=MO", day(2026, 1, 6), day(2027, 1, 1)),
              HasSubstr("does not name the day of its DTSTART"));
  EXPECT_THAT(days_of("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300", day(2026, 1, 5), day(2041, 1, 1)),
              HasSubstr("does not name"));
  EXPECT_THAT(days_of("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", day(2026, 1, 5), day(2041, 1, 1)),
              HasSubstr("does not name"));
}

TEST(Recurrence, StopsAtItsCap) {
  EXPECT_THAT(days_of("FREQ=DAILY", day(2026, 1, 5), day(2041, 1, 1), 100), HasSubstr("at most 100 of them"));
  EXPECT_THAT(days_of("FREQ=DAILY", day(2026, 1, 5), day(2026, 1, 6), 2), "26-01-05 26-01-06");
}

}  // namespace
}  // namespace policy::roster::ical
