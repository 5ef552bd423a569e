#include <gtest/gtest.h>

#include <algorithm>

#include "policy/vocabulary/calendar_words.h"
#include "policy/vocabulary/message_words.h"

namespace policy::vocabulary {
namespace {

Both of(std::int64_t seconds, Case german = Case::kNominative) { return duration({seconds}, german); }

TEST(Vocabulary, LengthsInWords) {
  EXPECT_EQ(of(11 * 3600), (Both{"11 Stunden", "11 hours"}));
  EXPECT_EQ(of(3600), (Both{"1 Stunde", "1 hour"}));
  EXPECT_EQ(of(5400), (Both{"1 Stunde 30 Minuten", "1 hour 30 minutes"}));
  EXPECT_EQ(of(60), (Both{"1 Minute", "1 minute"}));
  EXPECT_EQ(of(1), (Both{"1 Sekunde", "1 second"}));
  EXPECT_EQ(of(0), (Both{"0 Minuten", "0 minutes"}));
  EXPECT_EQ(of(86400), (Both{"24 Stunden", "24 hours"}));
  EXPECT_EQ(of(7 * 86400), (Both{"7 Tage", "7 days"}));
  EXPECT_EQ(of(7 * 86400, Case::kDative), (Both{"7 Tagen", "7 days"}));
  EXPECT_EQ(of(36 * 3600), (Both{"36 Stunden", "36 hours"}));
}

TEST(Vocabulary, DaysInWordsNeverLeaveHolidaysOpen) {
  EXPECT_EQ(days(time::DaySet(0xFF)),
            (Both{"an jedem Tag, auch an Feiertagen", "on every day, public holidays included"}));
  EXPECT_EQ(days(time::DaySet(0x7F)),
            (Both{"an jedem Tag, aber nicht an Feiertagen", "on every day, but not on public holidays"}));
  EXPECT_EQ(days(time::DaySet(0x1F)), (Both{"montags bis freitags, aber nicht an Feiertagen",
                                            "on Mondays to Fridays, but not on public holidays"}));
  EXPECT_EQ(days(time::DaySet(0xE0)),
            (Both{"samstags, sonntags und an Feiertagen", "on Saturdays, Sundays and on public holidays"}));
  EXPECT_EQ(days(time::DaySet(0x80)), (Both{"an Feiertagen", "on public holidays"}));
  EXPECT_EQ(weekdays(time::DaySet(0x05)), (Both{"montags und mittwochs", "on Mondays and Wednesdays"}));
}

TEST(Vocabulary, Windows) {
  EXPECT_EQ(window({time::DaySet(0xFF), {72000}, {21600}}),
            (Both{"an jedem Tag, auch an Feiertagen, von 20:00 Uhr bis 06:00 Uhr am nächsten Tag",
                  "on every day, public holidays included, from 20:00 to 06:00 on the next day"}));
  EXPECT_EQ(window({time::DaySet(0xE0), {21600}, {72000}}).de,
            "samstags, sonntags und an Feiertagen von 06:00 Uhr bis 20:00 Uhr");
  EXPECT_EQ(core_hours({time::DaySet(0x1F), {28800}, {57600}}).en, "on Mondays to Fridays from 08:00 to 16:00");
}

TEST(Vocabulary, EverySetOfDaysHasWordsOfItsOwn) {
  std::vector<std::string> german, english;
  for (unsigned set = 1; set < 256; ++set) {
    german.push_back(days(time::DaySet(set)).de);
    english.push_back(days(time::DaySet(set)).en);
  }
  std::ranges::sort(german);
  std::ranges::sort(english);
  EXPECT_EQ(std::ranges::adjacent_find(german), german.end());
  EXPECT_EQ(std::ranges::adjacent_find(english), english.end());
}

TEST(Vocabulary, WhatIsFilledInIsNotFilledAgain) {
  EXPECT_EQ(say("{} und {}", "{} and {}", "{}", 3), (Both{"{} und 3", "{} and 3"}));
}

TEST(Vocabulary, Lists) {
  const std::vector<Both> three{same("a"), same("b"), same("c")};
  EXPECT_EQ(list_and(three), (Both{"a, b und c", "a, b and c"}));
  EXPECT_EQ(list_or(std::span(three).first(2)), (Both{"a oder b", "a or b"}));
  EXPECT_EQ(list_and({}), Both());
}

TEST(Vocabulary, CapitalsOfUmlauts) {
  EXPECT_EQ(capital({"übrige", "other"}), (Both{"Übrige", "Other"}));
  EXPECT_EQ(capital({"ß", "1"}), (Both{"ß", "1"}));
}

TEST(Vocabulary, Moments) {
  const time::Zone berlin = time::Zone::find("Europe/Berlin").value();
  EXPECT_EQ(moment(berlin, base::parse_instant("2026-03-01T05:00:15Z").value()),
            (Both{"Sonntag, 1. März 2026, 06:00:15 Uhr (CET)", "06:00:15 on Sunday 1 March 2026 (CET)"}));
  EXPECT_EQ(clock(86400), "24:00");
}

TEST(Vocabulary, Classes) {
  EXPECT_EQ(messages(std::bitset<4>(0b0101)),
            (Both{"gewöhnliche und dringende Nachrichten", "routine and urgent messages"}));
  EXPECT_EQ(messages(std::bitset<4>(0b0111)).de,
            "gewöhnliche und dringende Nachrichten und Hinweise auf Dienständerungen");
  EXPECT_EQ(messages(std::bitset<4>(0b1010)).en, "shift notices and alarms");
  EXPECT_EQ(messages(std::bitset<4>(0b1111)), (Both{"alle Nachrichten", "all messages"}));
}

}  // namespace
}  // namespace policy::vocabulary
