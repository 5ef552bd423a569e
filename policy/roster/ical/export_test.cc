#include "policy/roster/ical/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libical/ical.h>
#include <rapidcheck.h>

#include <memory>

#include "policy/roster/ical/import.h"

namespace policy::roster::ical {
namespace {

using testing::HasSubstr;

model::People one(std::string_view person, model::RosterKind kind, std::string_view begin, std::string_view end) {
  model::People people;
  people[std::string(person)] = {std::string(person),
                                 {},
                                 {{kind, {base::parse_instant(begin).value(), base::parse_instant(end).value()}}},
                                 {},
                                 {},
                                 {}};
  return people;
}

TEST(Export, InUtc) {
  const auto people = one("anna", model::RosterKind::kOnCall, "2026-06-01T18:00:00Z", "2026-06-02T04:00:00Z");
  EXPECT_EQ(write_calendar(people, {base::parse_instant("2026-05-01T12:00:00Z").value(), nullptr}),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Feierabend//feierabend-policy//DE\r\nBEGIN:VEVENT\r\n"
            "UID:20260601T180000Z-20260602T040000Z-on-call-anna\r\nDTSTAMP:20260501T120000Z\r\n"
            "DTSTART:20260601T180000Z\r\nDTEND:20260602T040000Z\r\nSUMMARY:Rufbereitschaft\r\nCATEGORIES:on-call\r\n"
            "X-FEIERABEND-PERSON:anna\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

TEST(Export, InAZoneThatItDescribes) {
  const time::Zone berlin = time::Zone::find("Europe/Berlin").value();
  const auto people = one("anna", model::RosterKind::kDuty, "2026-10-24T20:00:00Z", "2026-10-25T00:30:00Z");
  const std::string text = write_calendar(people, {{0}, &berlin});
  EXPECT_THAT(text, HasSubstr("DTSTART;TZID=Europe/Berlin:20261024T220000\r\n"));
  EXPECT_THAT(text, HasSubstr("DTEND:20261025T003000Z\r\n"));  // 2:30 is there twice that night
  EXPECT_THAT(
      text,
      HasSubstr(
          "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n"));
}

TEST(Export, LongNamesAreFoldedBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 60; ++i) name += "ä,";
  const auto people = one(name, model::RosterKind::kDuty, "2026-10-24T20:00:00Z", "2026-10-25T00:30:00Z");
  const std::string text = write_calendar(people, {{0}, nullptr});
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    EXPECT_LE(end - at, 75U);
    EXPECT_EQ(base::printable(text.substr(at, end - at)).find("\\x"), std::string::npos) << text.substr(at, end - at);
    at = end + 2;
  }
  model::People read = people;
  read.begin()->second.roster.clear();
  const draft::Options options;
  ASSERT_TRUE(read_calendar("k", text, options, read));
  EXPECT_EQ(read, people);
}

model::People any_people() {
  model::People people;
  for (const char* id : {"anna", "b; c, d\\n", "ülkü"}) {
    model::PersonFacts& facts = people[id];
    facts.person = id;
    std::int64_t at = 1'774'000'000 + *rc::gen::inRange(0, 100'000);
    for (int n = *rc::gen::inRange(0, 30); n > 0; --n) {
      const auto kind = static_cast<model::RosterKind>(*rc::gen::inRange(0, 6));
      const auto begin = at + *rc::gen::inRange(0, 900'000), end = begin + 1 + *rc::gen::inRange(0, 90'000);
      facts.roster.push_back({kind, {{begin}, {end}}});
      if (!counts_as_duty(kind) && *rc::gen::inRange(0, 3) == 0) facts.roster.push_back(facts.roster.back());
      at = end;
    }
  }
  return people;
}

model::People without_rosters(model::People people) {
  for (auto& [id, facts] : people) facts.roster.clear();
  return people;
}

TEST(Export, RoundTrip) {
  const time::Zone berlin = time::Zone::find("Europe/Berlin").value(), apia = time::Zone::find("Pacific/Apia").value();
  EXPECT_TRUE(rc::check("what is written is read", [&] {
    const model::People people = any_people();
    for (const time::Zone* zone : {static_cast<const time::Zone*>(nullptr), &berlin, &apia}) {
      model::People read = without_rosters(people);
      const draft::Options options;
      RC_ASSERT(read_calendar("k", write_calendar(people, {{0}, zone}), options, read).has_value());
      RC_ASSERT(read == people);
    }
  }));
}

// libical as an independent reader of what we write, with the VTIMEZONE that we wrote.
TEST(Export, LibicalReadsTheSameInstants) {
  const time::Zone berlin = time::Zone::find("Europe/Berlin").value();
  EXPECT_TRUE(rc::check("libical agrees", [&] {
    const model::People people = any_people();
    const std::string text = write_calendar(people, {{0}, &berlin});
    const std::unique_ptr<icalcomponent, decltype(&icalcomponent_free)> calendar(icalparser_parse_string(text.c_str()),
                                                                                 icalcomponent_free);
    RC_ASSERT(static_cast<bool>(calendar));
    RC_ASSERT(icalcomponent_count_errors(calendar.get()) == 0);
    auto* event = icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT);
    for (const auto& [id, facts] : people) {
      for (const auto& entry : facts.roster) {
        RC_ASSERT(static_cast<bool>(event));
        const auto instant = [](icaltimetype t) {
          return icaltime_as_timet_with_zone(t, t.zone != nullptr ? t.zone : icaltimezone_get_utc_timezone());
        };
        RC_ASSERT(instant(icalcomponent_get_dtstart(event)) == entry.span.begin.unix_s);
        RC_ASSERT(instant(icalcomponent_get_dtend(event)) == entry.span.end.unix_s);
        event = icalcomponent_get_next_component(calendar.get(), ICAL_VEVENT_COMPONENT);
      }
    }
    RC_ASSERT(!static_cast<bool>(event));
  }));
}

}  // namespace
}  // namespace policy::roster::ical
