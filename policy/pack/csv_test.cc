#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/pack/roster_csv.h"

namespace policy::pack {
namespace {

using testing::ElementsAre;

std::string text_of(const Errors& errors) {
  std::string out;
  for (const auto& error : errors) out += error.where + " " + error.code + "\n";
  return out;
}

model::People people() { return read_people("people.csv", "person,groups\nanna,wache;stab\nbernd,\n").value(); }

std::string roster_errors(const std::string& lines) {
  model::People all = people();
  const auto read = read_roster("r", "person,kind,begin,end\n" + lines, all);
  EXPECT_EQ(all, people()) << "something was added";
  return read ? "read" : text_of(read.error());
}

TEST(People, GroupsAndQuotes) {
  const auto read = read_people("p", "\xEF\xBB\xBFperson,groups\r\n\"a, b\",\"x\"\"y;z\"\r\n\r\n#1,\r\n");
  ASSERT_TRUE(read) << text_of(read.error());
  EXPECT_THAT(read->at("a, b").groups, ElementsAre("x\"y", "z"));
  EXPECT_TRUE(read->contains("#1"));  // nobody is skipped for an odd id
}

TEST(People, ErrorsHavePlaces) {
  const auto read = read_people("p", "person,groups\n,x\na,b,c\n\"a,b\nok,\nok,\n" + std::string(5000, 'x') + "\n");
  ASSERT_FALSE(read);
  EXPECT_EQ(text_of(read.error()),
            "p:2:1 csv.empty-person\np:3:1 csv.columns\np:4:5 csv.quote\np:6:1 csv.duplicate-person\np:7:1 "
            "csv.line-too-long\n");
  EXPECT_EQ(text_of(read_people("p", "person;groups\n").error()), "p:1:1 csv.header\n");
  EXPECT_EQ(text_of(read_people("p", "").error()), "p:1:1 csv.header\n");
}

TEST(People, ErrorsAreBounded) {
  std::string csv = "person,groups\n";
  for (int i = 0; i < 1000; ++i) csv += "x\n";
  EXPECT_EQ(read_people("p", csv).error().size(), kErrorsMax);
}

TEST(Roster, ReadsSortsAndKeepsWhatWasThere) {
  model::People all = people();
  ASSERT_TRUE(read_roster("r",
                          "person,kind,begin,end\n"
                          "anna,duty,2026-06-02T06:00:00+02:00,2026-06-02T14:00:00+02:00\n"
                          "anna,on-call,2026-06-01T20:00:00Z,2026-06-02T04:00:00Z\n",
                          all));
  ASSERT_EQ(all["anna"].roster.size(), 2U);
  EXPECT_EQ(all["anna"].roster[0].kind, model::RosterKind::kOnCall);
  EXPECT_EQ(format_instant(all["anna"].roster[1].span.begin), "2026-06-02T04:00:00Z");
}

TEST(Roster, RefusesWithPlaces) {
  EXPECT_EQ(roster_errors("carl,duty,2026-06-01T06:00:00Z,2026-06-01T07:00:00Z\n"), "r:2:1 csv.unknown-person\n");
  EXPECT_EQ(roster_errors("anna,Duty,2026-06-01T06:00:00Z,2026-06-01T07:00:00Z\n"), "r:2:6 roster.unknown-kind\n");
  EXPECT_EQ(roster_errors("anna,duty,2026-06-01 06:00,10000-01-01T00:00:00Z\n"),
            "r:2:11 instant.syntax\nr:2:28 instant.syntax\n");
  EXPECT_EQ(roster_errors("anna,duty,2026-06-01T06:00:00Z,2026-06-01T06:00:00Z\n"), "r:2:11 csv.interval\n");
  EXPECT_EQ(roster_errors("anna,duty,2026-02-30T06:00:00Z,2026-06-01T06:00:00Z\n"), "r:2:11 instant.range\n");
}

TEST(Roster, RefusesOverlapOfOneKindOfDuty) {
  EXPECT_EQ(roster_errors("anna,duty,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z\n"
                          "bernd,duty,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z\n"
                          "anna,duty,2026-06-01T13:59:59Z,2026-06-01T15:00:00Z\n"),
            "r:4:1 csv.overlap\n");
  model::People all = people();
  EXPECT_TRUE(read_roster("r",
                          "person,kind,begin,end\nanna,duty,2026-06-01T06:00:00Z,2026-06-01T14:00:00Z\n"
                          "anna,training,2026-06-01T08:00:00Z,2026-06-01T09:00:00Z\n"
                          "anna,duty,2026-06-01T14:00:00Z,2026-06-01T15:00:00Z\n",
                          all));
}

TEST(Interruptions, MayHaveNoLength) {
  model::People all = people();
  ASSERT_TRUE(read_interruptions("i", "person,begin,end\nanna,2026-06-01T20:00:00Z,2026-06-01T20:00:00Z\n", all));
  EXPECT_EQ(all["anna"].interruptions.size(), 1U);
  EXPECT_EQ(
      text_of(
          read_interruptions("i", "person,begin,end\nanna,2026-06-01T20:00:00Z,2026-06-01T19:00:00Z\n", all).error()),
      "i:2:6 csv.interval\n");
}

}  // namespace
}  // namespace policy::pack
