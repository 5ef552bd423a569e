#include "policy/roster/roster_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "policy/roster/ical/content_line.h"

namespace policy::roster {
namespace {

model::People any_people() {
  model::People people;
  for (const char* id : {"anna", "a \"b\", c\t\\", "ülkü"}) {
    model::PersonFacts& facts = people[id];
    facts.person = id;
    std::int64_t at = 1'774'000'000 + *rc::gen::inRange(0, 100'000);
    for (int n = *rc::gen::inRange(0, 10); n > 0; --n) {
      const auto kind = static_cast<model::RosterKind>(*rc::gen::inRange(0, 6));
      const auto begin = at + *rc::gen::inRange(0, 900'000), end = begin + 1 + *rc::gen::inRange(0, 90'000);
      facts.roster.push_back({kind, {{begin}, {end}}});
      at = end;
    }
  }
  return people;
}

TEST(RosterFile, EachFormatGivesBackWhatWasWritten) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const model::People people = any_people();
    for (const char* suffix : {"csv", "ics", "toml"}) {
      model::People read = people;
      for (auto& [id, facts] : read) facts.roster.clear();
      const std::string text = write_roster_file(people, parse_format(suffix).value(), {});
      const auto done = read_roster_file(std::string("r.") + suffix, text, {}, read);
      if (!done) RC_LOG() << to_string(done.error().front());
      RC_ASSERT(done.has_value());
      RC_ASSERT(read == people);
    }
  }));
}

TEST(RosterFile, TheNameSaysTheFormat) {
  EXPECT_EQ(format_of("a.b/roster.CSV").value(), Format::kTable);
  EXPECT_EQ(format_of("roster.Ics").value(), Format::kCalendar);
  EXPECT_EQ(format_of("roster.toml").value(), Format::kPlan);
  EXPECT_EQ(format_of("roster").error().code, "roster.format");
  EXPECT_EQ(format_of("roster.xls").error().where, "roster.xls");
  model::People people;
  EXPECT_EQ(read_roster_file("roster.xls", "", {}, people).error().front().code, "roster.format");
}

TEST(RosterFile, StrangersAndNamesInEveryFormat) {
  model::People written;
  written["dora"] = {"dora", {}, {{model::RosterKind::kDuty, {{1'774'000'000}, {1'774'003'600}}}}, {}, {}, {}};
  Options options;
  options.canonical = [](std::string_view id) { return id == "!" ? std::optional<std::string>() : ical::capitals(id); };
  for (const char* suffix : {"csv", "ics", "toml"}) {
    const std::string name = std::string("r.") + suffix,
                      text = write_roster_file(written, parse_format(suffix).value(), {});
    model::People people;
    options.admit_strangers = false;
    EXPECT_FALSE(read_roster_file(name, text, options, people)) << suffix;
    EXPECT_TRUE(people.empty()) << suffix;
    options.admit_strangers = true;
    ASSERT_TRUE(read_roster_file(name, text, options, people)) << suffix;
    EXPECT_EQ(people.at("DORA").person, "DORA") << suffix;
    EXPECT_EQ(people.at("DORA").roster, written["dora"].roster) << suffix;
  }
}

}  // namespace
}  // namespace policy::roster
