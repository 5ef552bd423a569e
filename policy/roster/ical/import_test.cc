#include "policy/roster/ical/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/roster/ical/content_line.h"

namespace policy::roster::ical {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

model::People people() { return pack::read_people("p", "person,groups\nanna,\nbernd,\ncarla@amt.example,\n").value(); }

std::string calendar(std::string_view body) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//DE\r\n" + std::string(body) + "END:VCALENDAR\r\n";
}

std::string event(std::string_view lines) {
  return "BEGIN:VEVENT\r\nX-FEIERABEND-PERSON:anna\r\nCATEGORIES:duty\r\n" + std::string(lines) + "END:VEVENT\r\n";
}

// "anna duty 2026-03-28T19:00:00Z/2026-03-28T20:00:00Z" a line, or the errors.
std::string read(const std::string& text, draft::Options options = {}, bool in_calendar = true) {
  model::People all = people();
  const auto done = read_calendar("k.ics", in_calendar ? calendar(text) : text, options, all);
  std::string out;
  if (!done) {
    EXPECT_EQ(all, people()) << "something was added";
    for (const auto& error : done.error()) out += to_string(error) + "\n";
    return out;
  }
  for (const auto& [id, facts] : all)
    for (const auto& entry : facts.roster)
      out += id + " " + std::string(name_of(entry.kind)) + " " + format_instant(entry.span.begin) + "/" +
             format_instant(entry.span.end) + "\n";
  return out;
}

draft::Options berlin() {
  draft::Options options;
  options.zone = "Europe/Berlin";
  return options;
}

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

// ---- time

TEST(Import, FormsOfTime) {
  EXPECT_EQ(read(event("DTSTART:20260601T060000Z\r\nDTEND:20260601T140000Z\r\n")),
            "anna duty 2026-06-01T06:00:00Z/2026-06-01T14:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART;TZID=Europe/Berlin:20260601T060000\r\nDURATION:PT8H30M\r\n")),
            "anna duty 2026-06-01T04:00:00Z/2026-06-01T12:30:00Z\n");
  EXPECT_EQ(read(event("DTSTART;TZID=\"W. Europe Standard Time\":20260601T060000\r\nDTEND:20260601T100000Z\r\n")),
            "anna duty 2026-06-01T04:00:00Z/2026-06-01T10:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART:20260601T060000\r\nDTEND:20260601T140000\r\n"), berlin()),
            "anna duty 2026-06-01T04:00:00Z/2026-06-01T12:00:00Z\n");
  EXPECT_EQ(
      read("X-WR-TIMEZONE:Europe/London\r\n" + event("DTSTART:20260601T060000\r\nDTEND:20260601T140000\r\n"), berlin()),
      "anna duty 2026-06-01T05:00:00Z/2026-06-01T13:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART;VALUE=DATE:20260329\r\n"), berlin()),  // 23 hours
            "anna duty 2026-03-28T23:00:00Z/2026-03-29T22:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART;VALUE=DATE:20260601\r\nDTEND;VALUE=DATE:20260615\r\n"), berlin()),
            "anna duty 2026-05-31T22:00:00Z/2026-06-14T22:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART;VALUE=DATE:20260601\r\nDURATION:P2W\r\n"), berlin()),
            "anna duty 2026-05-31T22:00:00Z/2026-06-14T22:00:00Z\n");
}

// 29 March 2026, 2:00 to 3:00 does not exist; 25 October, 2:00 to 3:00 is there twice.
TEST(Import, ClockChangesNeverShorten) {
  EXPECT_EQ(read(event("DTSTART;TZID=Europe/Berlin:20260329T023000\r\nDTEND;TZID=Europe/Berlin:20260329T040000\r\n")),
            "anna duty 2026-03-29T01:00:00Z/2026-03-29T02:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART;TZID=Europe/Berlin:20261025T023000\r\nDTEND;TZID=Europe/Berlin:20261025T024500\r\n")),
            "anna duty 2026-10-25T00:30:00Z/2026-10-25T01:45:00Z\n");
}

// A night shift ends at 6 by the clock in every night, also in the one of nine hours.
TEST(Import, ShiftsKeepTheirEndOnTheWall) {
  EXPECT_EQ(read(event("DTSTART;TZID=Europe/Berlin:20261023T220000\r\nDTEND;TZID=Europe/Berlin:20261024T060000\r\n"
                       "RRULE:FREQ=DAILY;COUNT=3\r\n")),
            "anna duty 2026-10-23T20:00:00Z/2026-10-24T04:00:00Z\n"
            "anna duty 2026-10-24T20:00:00Z/2026-10-25T05:00:00Z\n"
            "anna duty 2026-10-25T21:00:00Z/2026-10-26T05:00:00Z\n");
  EXPECT_EQ(read(event("DTSTART;TZID=Europe/Berlin:20261024T220000\r\nDURATION:PT8H\r\n")),
            "anna duty 2026-10-24T20:00:00Z/2026-10-25T04:00:00Z\n");
}

TEST(Import, RefusesTimesThatAreNone) {
  EXPECT_EQ(
      read(event("DTSTART:20260601T060000Z\r\n")),
      "k.ics:4:1: an entry from 2026-06-01T06:00:00Z to 2026-06-01T06:00:00Z; allowed: an end after the begin, in "
      "the years 1 to 9999 [roster.interval]\n");
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDTEND:20260601T050000Z\r\n")), HasSubstr("[roster.interval]"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:-PT1H\r\n")),
              StartsWith("k.ics:8:10: duration '-PT1H'"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:P99999999999D\r\n")),
              StartsWith("k.ics:8:10: duration"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:P3660DT1S\r\n")), StartsWith("k.ics:8:10: duration"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT\r\n")), StartsWith("k.ics:8:10: duration"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nDTEND:20260601T050000Z\r\n")),
              StartsWith("k.ics:8:1: DTEND together with DURATION"));
  EXPECT_THAT(read(event("DTSTART;VALUE=DATE:20260601\r\nDURATION:PT1H\r\n"), berlin()),
              HasSubstr("hours of whole days"));
  EXPECT_THAT(read(event("DTSTART:20260231T060000Z\r\n")), StartsWith("k.ics:7:9: date or time '20260231T060000Z'"));
  EXPECT_THAT(read(event("DTSTART:100000101T060000Z\r\n")), HasSubstr("the years 1 to 9999"));
  EXPECT_THAT(read(event("DTSTART:99991231T220000Z\r\nDURATION:PT3H\r\n")), HasSubstr("beyond the years 1 to 9999"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000\r\n")),
              StartsWith("k.ics:7:9: a local time or a whole day without a time zone"));
  EXPECT_THAT(read(event("DTSTART;TZID=Europe/Berlim:20260601T060000\r\n")), HasSubstr("[zone.unknown]"));
  EXPECT_THAT(read(event("DTEND:20260601T060000Z\r\n")), StartsWith("k.ics:4:1: VEVENT without DTSTART"));
}

// ---- whose and what

TEST(Import, KindsInBothLanguages) {
  const auto of = [](std::string_view category) {
    return read("BEGIN:VEVENT\r\nX-FEIERABEND-PERSON:anna\r\nCATEGORIES:" + std::string(category) +
                "\r\nDTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n");
  };
  for (const auto& [written, kind] :
       std::vector<std::pair<std::string, std::string>>{{"Dienst", "duty"},
                                                        {"Bereitschaft", "standby"},
                                                        {"Rufbereitschaft", "on-call"},
                                                        {"URLAUB", "leave"},
                                                        {"Krank", "sick"},
                                                        {"Fortbildung,Köln", "training"},
                                                        {"Büro\\, lang,on-call", "on-call"}})
    EXPECT_THAT(of(written), StartsWith("anna " + kind + " ")) << written;
  EXPECT_THAT(of("Dienst,Urlaub"), StartsWith("k.ics:6:12: categories of two kinds"));
  EXPECT_THAT(of("Dinst"), AllOf(StartsWith("k.ics:6:12: roster kind 'Dinst'"), HasSubstr("did you mean 'DIENST'?")));
  EXPECT_THAT(
      read("BEGIN:VEVENT\r\nX-FEIERABEND-PERSON:anna\r\nDTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"),
      StartsWith("k.ics:4:1: an event without CATEGORIES"));
}

TEST(Import, WhoseItIs) {
  const auto of = [](std::string_view head, std::string_view lines, draft::Options options = {}) {
    return read(std::string(head) + "BEGIN:VEVENT\r\nCATEGORIES:duty\r\nDTSTART:20260601T060000Z\r\nDURATION:PT1H\r\n" +
                    std::string(lines) + "END:VEVENT\r\n",
                options);
  };
  const std::string tail = " duty 2026-06-01T06:00:00Z/2026-06-01T07:00:00Z\n";
  EXPECT_EQ(of("X-WR-RELCALID:bernd\r\n", "ATTENDEE:mailto:anna@amt.example\r\n"), "bernd" + tail);
  EXPECT_EQ(of("X-WR-RELCALID:bernd\r\n", "X-FEIERABEND-PERSON:anna\r\n"), "anna" + tail);
  EXPECT_EQ(of("X-WR-RELCALID:a-guid\r\nX-FEIERABEND-PERSON:bernd\r\n", ""), "bernd" + tail);
  EXPECT_EQ(
      of("",
         "ATTENDEE:mailto:anna@amt.example\r\nATTENDEE;PARTSTAT=DECLINED:mailto:bernd@amt.example\r\n"
         "ATTENDEE;CUTYPE=ROOM:mailto:room@amt.example\r\nATTENDEE;CN=\"C, D: E\":MAILTO:carla%40amt.example\r\n"),
      "anna" + tail + "carla@amt.example" + tail);
  EXPECT_EQ(of("", "ATTENDEE:urn:x-staff:bernd\r\n"), "bernd" + tail);
  draft::Options options;
  options.person = "anna";
  EXPECT_EQ(of("", "", options), "anna" + tail);
  EXPECT_THAT(of("", ""), StartsWith("k.ics:4:1: an event that names nobody"));
  EXPECT_THAT(of("", "ATTENDEE:mailto:dora@amt.example\r\n"), StartsWith("k.ics:8:10: person 'dora'"));
  EXPECT_THAT(of("", "ATTENDEE:ldap://x\r\n"), HasSubstr("[roster.no-person]"));
}

TEST(Import, StrangersAreAdmittedIfTheOptionsSaySo) {
  draft::Options options;
  options.admit_strangers = true;
  options.canonical = [](std::string_view id) { return id == "!" ? std::nullopt : std::optional(capitals(id)); };
  model::People all;
  const std::string text = calendar(
      "BEGIN:VEVENT\r\nX-FEIERABEND-PERSON:dora\r\nCATEGORIES:duty\r\nDTSTART:20260601T060000Z\r\n"
      "DURATION:PT1H\r\nEND:VEVENT\r\n");
  ASSERT_TRUE(read_calendar("k", text, options, all));
  EXPECT_EQ(all.at("DORA").person, "DORA");
  EXPECT_EQ(all.at("DORA").roster.size(), 1U);
}

// ---- recurrences

TEST(Import, RecurrencesWithTheirExceptions) {
  EXPECT_EQ(read(event("UID:1\r\nDTSTART;TZID=Europe/Berlin:20260601T060000\r\nDURATION:PT1H\r\n"
                       "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20260609T040000Z\r\n"
                       "RDATE;TZID=Europe/Berlin:20260603T060000,20260601T060000\r\n"
                       "EXDATE;TZID=Europe/Berlin:20260602T060000\r\n") +
                 event("UID:1\r\nRECURRENCE-ID;TZID=Europe/"
                       "Berlin:20260608T060000\r\nDTSTART:20260608T100000Z\r\nDURATION:PT2H\r\n")),
            "anna duty 2026-06-01T04:00:00Z/2026-06-01T05:00:00Z\n"
            "anna duty 2026-06-03T04:00:00Z/2026-06-03T05:00:00Z\n"
            "anna duty 2026-06-08T10:00:00Z/2026-06-08T12:00:00Z\n"
            "anna duty 2026-06-09T04:00:00Z/2026-06-09T05:00:00Z\n");
}

TEST(Import, CancelledIsTakenAway) {
  const std::string whole = event("UID:1\r\nDTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=2\r\n");
  EXPECT_EQ(read(whole +
                 event("UID:1\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:20260601T060000Z\r\nDTSTART:20260601T060000Z\r\n")),
            "anna duty 2026-06-02T06:00:00Z/2026-06-02T07:00:00Z\n");
  EXPECT_EQ(read(event("STATUS:CANCELLED\r\nDTSTART:20260601T060000Z\r\nDURATION:PT1H\r\n")), "");
  EXPECT_THAT(
      read(whole + event("UID:1\r\nRECURRENCE-ID:20260603T060000Z\r\nDTSTART:20260601T060000Z\r\nDURATION:PT1H\r\n")),
      StartsWith("k.ics:16:1: a RECURRENCE-ID that names no occurrence"));
  EXPECT_THAT(read(whole + whole), HasSubstr("the UID '1' again"));
}

TEST(Import, EndlessRulesEndAtTheHorizon) {
  draft::Options options;
  options.horizon = base::parse_instant("2026-06-05T06:00:00Z").value();
  EXPECT_EQ(lines(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n"), options)), 4U);
  EXPECT_EQ(lines(read(event("DTSTART:20260101T060000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY\r\n"))), 15U);
  EXPECT_EQ(lines(read(event("DTSTART;VALUE=DATE:20260601\r\nRRULE:FREQ=DAILY;UNTIL=20260603\r\n"), berlin())), 3U);
}

TEST(Import, OverlapOfOneKindIsRefused) {
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT25H\r\nRRULE:FREQ=DAILY;COUNT=2\r\n")),
              StartsWith("k.ics:4:1: an entry at 2026-06-02T06:00:00Z that overlaps the one of line 4"));
}

// ---- availability (RFC 7953)

std::string available(std::string_view lines) {
  return "BEGIN:AVAILABLE\r\n" + std::string(lines) + "END:AVAILABLE\r\n";
}
std::string availability(std::string_view lines, std::string_view parts) {
  return "BEGIN:VAVAILABILITY\r\nORGANIZER:mailto:anna@amt.example\r\n" + std::string(lines) + std::string(parts) +
         "END:VAVAILABILITY\r\n";
}

TEST(Import, AvailableHoursAreDuty) {
  const std::string weekdays = available(
      "DTSTART;TZID=Europe/Berlin:20260601T090000\r\nDTEND;TZID=Europe/Berlin:20260601T170000\r\n"
      "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\n");
  EXPECT_EQ(read(availability("DTSTART:20260604T100000Z\r\nDTEND:20260608T080000Z\r\nBUSYTYPE:BUSY\r\n", weekdays)),
            "anna duty 2026-06-04T10:00:00Z/2026-06-04T15:00:00Z\n"
            "anna duty 2026-06-05T07:00:00Z/2026-06-05T15:00:00Z\n"
            "anna duty 2026-06-08T07:00:00Z/2026-06-08T08:00:00Z\n");
  // On top for a while, with hours of its own kind.
  const std::string holiday = available("CATEGORIES:Rufbereitschaft\r\nDTSTART:20260605T180000Z\r\nDURATION:PT2H\r\n");
  EXPECT_EQ(read(availability("DTSTART:20260604T100000Z\r\nDTEND:20260608T080000Z\r\n", weekdays) +
                 availability("PRIORITY:1\r\nDTSTART:20260605T000000Z\r\nDURATION:P1D\r\n", holiday)),
            "anna duty 2026-06-04T10:00:00Z/2026-06-04T15:00:00Z\n"
            "anna on-call 2026-06-05T18:00:00Z/2026-06-05T20:00:00Z\n"
            "anna duty 2026-06-08T07:00:00Z/2026-06-08T08:00:00Z\n");
}

TEST(Import, AvailabilityThatContradictsItself) {
  const std::string one = availability("DTSTART:20260604T100000Z\r\nDTEND:20260608T080000Z\r\n", "");
  EXPECT_THAT(read(one + one), HasSubstr("two availabilities of one priority at the same time"));
  EXPECT_EQ(read(one), "");
  EXPECT_THAT(read(availability("PRIORITY:10\r\n", "")), StartsWith("k.ics:6:10: priority '10'"));
  EXPECT_THAT(read(availability("", available("DTSTART:20260604T100000Z\r\n"))),
              HasSubstr("available hours without length"));
}

// ---- form

TEST(Import, PlacesGoThroughFolds) {
  EXPECT_THAT(read(event("DTSTART:2026\r\n 0601T06\r\n\t0000Z\r\nEXDATE:20260601T060000Z,\r\n  2\r\n")),
              StartsWith("k.ics:11:2: date or time ' 2'"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;\r\n BYHOUR=1\r\n")),
              StartsWith("k.ics:10:2: 'BYHOUR' in a recurrence rule"));
}

TEST(Import, FormThatIsNone) {
  EXPECT_EQ(read("", {}, false), "k.ics:1:1: no calendar; allowed: BEGIN:VCALENDAR [ical.syntax]\n");
  EXPECT_THAT(read("BEGIN:VEVENT\r\n", {}, false), StartsWith("k.ics:1:7: 'VEVENT' outside of a calendar"));
  EXPECT_THAT(read("VERSION:2.0\r\n", {}, false), StartsWith("k.ics:1:1: a property outside"));
  EXPECT_THAT(read("BEGIN:VCALENDAR\r\n", {}, false), StartsWith("k.ics:1:1: BEGIN:VCALENDAR without END"));
  EXPECT_THAT(read("BEGIN:VEVENT\r\n"), StartsWith("k.ics:5:5: END:VCALENDAR; allowed: END:VEVENT"));
  EXPECT_THAT(read("no colon\r\n"), StartsWith("k.ics:4:3: a property without ':' and value"));
  EXPECT_THAT(read("X;P=\"a:b\r\n"), StartsWith("k.ics:4:9: a quoted parameter without end"));
  EXPECT_THAT(read(event("") + "X-WR-RELCALID:anna\r\n"), HasSubstr("X-WR-RELCALID behind a component"));
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "BEGIN:X\r\n";
  EXPECT_THAT(read(nested), StartsWith("k.ics:11:1: components nested too deep"));
}

TEST(Import, WhatIsNoRosterIsSkipped) {
  EXPECT_EQ(
      read("BEGIN:VTIMEZONE\r\nTZID:Mars\r\nBEGIN:STANDARD\r\nDTSTART:nonsense\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
           "BEGIN:VTODO\r\nDUE:nonsense\r\nEND:VTODO\r\n" +
           event("DTSTART:20260601T060000Z\r\nDURATION:PT1H\r\nSUMMARY:Früh\r\nBEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:"
                 "VALARM\r\n")),
      "anna duty 2026-06-01T06:00:00Z/2026-06-01T07:00:00Z\n");
}

// ---- hostile

TEST(Hostile, AMillionRecurrences) {
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=DAILY;COUNT=1000000\r\n")),
              StartsWith("k.ics:9:24: '1000000' in a recurrence rule; allowed: 1 to 20000"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY;COUNT=1000000\r\n")),
              StartsWith("k.ics:9:12: 'SECONDLY' in a recurrence rule"));
  EXPECT_THAT(read(event("DTSTART:00010101T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=DAILY\r\n")),
              HasSubstr("more recurrences; allowed: at most 20000 of them"));
  std::string many;
  for (int e = 0; e < 26; ++e) {
    std::string lines = "DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\n";
    for (std::int64_t i = 1; i < 19'990; ++i) {
      std::string at = base::format_instant({1'800'000'000 + i * 7200});
      std::erase_if(at, [](char c) { return c == '-' || c == ':'; });
      lines += (i % 1000 == 1 ? "\r\nRDATE:" : ",") + at;
    }
    many += event(lines + "\r\n");
  }
  EXPECT_THAT(read(many), AllOf(HasSubstr("at most 500000 of a file"), HasSubstr("[roster.too-many]")));
  std::string dates = "RDATE:20260602T060000Z";
  for (int i = 0; i < 9'000; ++i) dates += ",\r\n 20260602T060000Z";
  dates += "\r\n";
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\n" + dates + dates + dates)),
              HasSubstr("at most 20000 of an event"));
}

// Rules that name no day, or hardly one, for which libical would search through six centuries.
TEST(Hostile, RulesThatNameNothing) {
  std::string many;
  for (int i = 0; i < 5'000; ++i)
    many += event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n");
  EXPECT_EQ(lines(read(many)), pack::kErrorsMax);
  many.clear();
  for (int i = 0; i < 1'000; ++i)
    many += event("DTSTART:20280229T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29\r\n");
  EXPECT_THAT(read(many), HasSubstr("a recurrence rule that reaches too far"));
}

TEST(Hostile, StormsOfPositionsAndExceptions) {
  std::string all;
  for (int i = 1; i <= 366; ++i) all += (i == 1 ? "" : ",") + std::to_string(i);
  EXPECT_THAT(
      read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=YEARLY;UNTIL=20300101;BYDAY=MO;BYSETPOS=" +
                 all + "\r\n")),
      StartsWith("anna duty 2026-06-01T06:00:00Z/"));
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=YEARLY;BYDAY=MO;BYSETPOS=1,1\r\n")),
              HasSubstr("each once"));
  std::string without;
  for (int i = 0; i < 25'000; ++i) without += "EXDATE:20260602T060000Z\r\n";
  EXPECT_THAT(read(event("DTSTART:20260601T060000Z\r\nDURATION:PT1S\r\n" + without)),
              HasSubstr("more lines of one event; allowed: at most 20000"));
}

TEST(Hostile, LongLinesAndLargeFiles) {
  EXPECT_THAT(read("X-A:" + std::string(10'000'000, 'x') + "\r\n"), StartsWith("k.ics:4:1: a line of 10000004 bytes"));
  std::string folded = "X-A:";
  for (int i = 0; i < 300'000; ++i) folded += "\r\n x";
  EXPECT_THAT(read(folded + "\r\n"), StartsWith("k.ics:4:1: a line of 300004 bytes"));
  EXPECT_THAT(read(std::string(kCalendarBytesMax, ' ')), StartsWith("k.ics:1:1: a calendar of"));
  std::string zones;
  for (int i = 0; i < 70; ++i)
    zones += event("DTSTART;TZID=X/" + std::to_string(i) + ":20260601T060000\r\nDURATION:PT1H\r\n");
  EXPECT_THAT(read(zones), HasSubstr("[zone.unknown]"));
}

}  // namespace
}  // namespace policy::roster::ical
