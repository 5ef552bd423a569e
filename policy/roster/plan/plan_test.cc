#include "policy/roster/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace policy::roster::plan {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

model::People people() { return pack::read_people("p", "person,groups\nanna,\nbernd,\ncarla,\n").value(); }

// An entry a line, or the errors.
std::string read(const std::string& toml, const draft::Options& options = {}) {
  model::People all = people();
  const auto done = read_plan("r.toml", toml, options, all);
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

TEST(Plan, EntriesAsInstantsAndWholeDays) {
  EXPECT_EQ(read("zone = \"Europe/Berlin\"\n"
                 "[[entry]]\nperson = \"anna\"\nkind = \"leave\"\nbegin = 2026-03-28\nend = 2026-03-30\n"
                 "[[entry]]\nperson = \"bernd\"\nbegin = 2026-03-28T06:00:00+01:00\nend = 2026-03-28T14:00:00+01:00\n"),
            "anna leave 2026-03-27T23:00:00Z/2026-03-29T22:00:00Z\n"
            "bernd duty 2026-03-28T05:00:00Z/2026-03-28T13:00:00Z\n");
}

// Two days early, two late, two nights, four off; the second team four days ahead. Over the night of the clock change.
constexpr std::string_view kRotation =
    "[[rotation]]\ncycle = 10\nstart = 2026-03-24\nuntil = 2026-04-03\nzone = \"Europe/Berlin\"\n"
    "[[rotation.shift]]\ndays = [1, 2]\nfrom = 06:00:00\nto = 14:00:00\n"
    "[[rotation.shift]]\ndays = [5, 6]\nfrom = 22:00:00\nto = 06:00:00\n"
    "[[rotation.team]]\nmembers = [\"anna\"]\n"
    "[[rotation.team]]\noffset = 4\nmembers = [\"bernd\", \"carla\"]\n";

TEST(Plan, RotationsByTeam) {
  const std::string two = " duty 2026-03-24T21:00:00Z/2026-03-25T05:00:00Z\n";
  EXPECT_EQ(
      read(std::string(kRotation)),
      "anna duty 2026-03-24T05:00:00Z/2026-03-24T13:00:00Z\n"
      "anna duty 2026-03-25T05:00:00Z/2026-03-25T13:00:00Z\n"
      "anna duty 2026-03-28T21:00:00Z/2026-03-29T04:00:00Z\n"  // seven hours
      "anna duty 2026-03-29T20:00:00Z/2026-03-30T04:00:00Z\n"
      "bernd" +
          two +
          "bernd duty 2026-03-25T21:00:00Z/2026-03-26T05:00:00Z\n"
          "bernd duty 2026-03-30T04:00:00Z/2026-03-30T12:00:00Z\nbernd duty 2026-03-31T04:00:00Z/2026-03-31T12:00:00Z\n"
          "carla" +
          two +
          "carla duty 2026-03-25T21:00:00Z/2026-03-26T05:00:00Z\n"
          "carla duty 2026-03-30T04:00:00Z/2026-03-30T12:00:00Z\ncarla duty "
          "2026-03-31T04:00:00Z/2026-03-31T12:00:00Z\n");
}

TEST(Plan, EndlessRotationsEndAtTheHorizon) {
  draft::Options options;
  options.zone = "Europe/Berlin";
  options.horizon = base::parse_instant("2026-01-09T23:00:00Z").value();  // midnight before the 10th
  EXPECT_EQ(
      read("[[rotation]]\ncycle = 1\nstart = 2026-01-08\n[[rotation.shift]]\ndays = [1]\nfrom = 06:00:00\nto = "
           "14:00:00\n"
           "[[rotation.team]]\noffset = -3\nmembers = [\"anna\"]\n",
           options),
      "anna duty 2026-01-08T05:00:00Z/2026-01-08T13:00:00Z\nanna duty 2026-01-09T05:00:00Z/2026-01-09T13:00:00Z\n");
}

TEST(Plan, RefusesWithPlaces) {
  const auto entry = [](std::string_view lines) { return read("[[entry]]\n" + std::string(lines)); };
  EXPECT_THAT(entry("person = \"dora\"\nbegin = 2026-01-01T00:00:00Z\nend = 2026-01-02T00:00:00Z\n"),
              StartsWith("r.toml:2:10: person 'dora'"));
  EXPECT_THAT(entry("person = \"anna\"\nbegin = 2026-01-01T00:00:00Z\nend = 2026-01-01T00:00:00Z\n"),
              HasSubstr("[roster.interval]"));
  EXPECT_THAT(entry("person = \"anna\"\nbegin = 2026-01-01\nend = 2026-01-02\n"),
              StartsWith("r.toml:3:9: a local time or a whole day without a time zone"));
  EXPECT_THAT(entry("person = \"anna\"\nbegin = 2026-01-01T00:00:00\nend = 7\n"),
              HasSubstr("r.toml:4:7: key 'end' in [[entry]] is a whole number"));
  EXPECT_THAT(entry("person = \"anna\"\nbegin = 10000-01-01T00:00:00Z\nend = 2026-01-01T00:00:00Z\n"),
              StartsWith("r.toml:3:"));
  EXPECT_THAT(entry("persn = \"anna\"\n"), HasSubstr("did you mean 'person'?"));
  EXPECT_THAT(entry("person = \"anna\"\nkind = \"dienst\"\nbegin = 2026-01-01T00:00:00Z\nend = 2026-01-02T00:00:00Z\n"),
              StartsWith("r.toml:3:8: key 'kind'"));
  EXPECT_THAT(read("zone = \"Mars\"\n[[entry]]\nperson = \"anna\"\nbegin = 2026-01-01\nend = 2026-01-02\n"),
              StartsWith("r.toml:1:8:"));
  EXPECT_THAT(read("zones = \"Mars\"\n"), HasSubstr("did you mean 'zone'?"));
}

TEST(Plan, RefusesRotationsThatDoNotFit) {
  const auto with = [](std::string_view what, std::string_view instead) {
    std::string toml(kRotation);
    return read(toml.replace(toml.find(what), what.size(), instead));
  };
  EXPECT_THAT(with("[1, 2]", "[1, 11]"),
              StartsWith("r.toml:7:12: an item of 'days' in [[rotation.shift]]; allowed: days of the cycle, 1 to 10"));
  EXPECT_THAT(with("[1, 2]", "[1, 1]"), HasSubstr("each once"));
  EXPECT_THAT(with("[1, 2]", "[]"), StartsWith("r.toml:7:8: key 'days'"));
  EXPECT_THAT(with("cycle = 10", "cycle = 0"), StartsWith("r.toml:2:9: key 'cycle' in [[rotation]] is 0"));
  EXPECT_THAT(with("[\"anna\"]", "[\"anna\", \"anna\"]"), HasSubstr("'anna' again in 'members'"));
  EXPECT_THAT(with("offset = 4\nmembers = [\"bernd\", \"carla\"]", "members = [\"anna\"]"),
              HasSubstr("[roster.overlap]"));
}

// What the page on rosters shows is what is read.
TEST(Plan, TheExampleOfThePage) {
  std::ifstream page("rules/schema/rosters.md");
  std::string toml;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) inside = line.starts_with("## Plan");
    if (inside && line.starts_with("    ")) toml += line.substr(4) + "\n";
  }
  const std::string entries = read(toml);
  EXPECT_THAT(entries, StartsWith("anna duty 2026-01-13T05:00:00Z/2026-01-13T13:00:00Z\n")) << toml;
  EXPECT_THAT(entries, HasSubstr("anna leave 2026-05-31T22:00:00Z/2026-06-14T22:00:00Z\n"));
}

TEST(Hostile, RotationsOfTenThousandYearsAreBounded) {
  const std::string toml =
      "zone = \"Europe/Berlin\"\n[[rotation]]\ncycle = 1\nstart = 0001-01-02\nuntil = 9999-12-31\n"
      "[[rotation.shift]]\ndays = [1]\nfrom = 06:00:00\nto = 14:00:00\n[[rotation.team]]\nmembers = [\"anna\", "
      "\"bernd\"]\n";
  EXPECT_THAT(read(toml), HasSubstr("more entries; allowed: at most 5000000 entries of a file"));
  EXPECT_THAT(read("[[entry]]\nperson = " + std::string(100'000, '[')), HasSubstr("[pack.too-deep]"));
  EXPECT_THAT(read(std::string(kPlanBytesMax + 1, '#')), HasSubstr("[pack.too-large]"));
}

}  // namespace
}  // namespace policy::roster::plan
