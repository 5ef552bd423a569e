// roster, and rosters of every format, as people call for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "policy/tool/command/fact_stream.h"
#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class RosterTool : public Called {
 protected:
  RosterTool() {
    file("people.csv", "person,groups\nanna,\nbernd,\n");
    file("duty.csv", "person,kind,begin,end\nanna,duty,2026-06-01T04:00:00Z,2026-06-01T12:00:00Z\n");
    file("calls.ics",
         "BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTENDEE:mailto:bernd@amt.example\nCATEGORIES:Rufbereitschaft\n"
         "DTSTART:20260601T200000\nDURATION:PT10H\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\nEND:VCALENDAR\n");
    file("leave.toml", "[[entry]]\nperson = \"anna\"\nkind = \"leave\"\nbegin = 2026-06-08\nend = 2026-06-10\n");
  }
};

TEST_F(RosterTool, CheckCountsWhatIsThere) {
  const std::vector<std::string> all{"roster",           "check",    path("duty.csv"),   path("calls.ics"),
                                     path("leave.toml"), "--people", path("people.csv"), "--zone",
                                     "Europe/Berlin"};
  ASSERT_EQ(call(all), kDone) << err();
  EXPECT_THAT(out(), HasSubstr("good: 2 people, 4 entries, 2026-06-01T04:00:00Z to 2026-06-09T22:00:00Z"));
  EXPECT_THAT(out(), HasSubstr("on-call"));
  auto in_german = all;
  in_german.insert(in_german.end(), {"--lang", "de"});
  ASSERT_EQ(call(in_german), kDone);
  EXPECT_THAT(out(), HasSubstr("in Ordnung: 2 Personen, 4 Einträge"));
  auto as_json = all;
  as_json.push_back("--json");
  ASSERT_EQ(call(as_json), kDone);
  EXPECT_THAT(out(), StartsWith("{\"ok\":true,\"people\":2,\"entries\":4,\"begin\":\"2026-06-01T04:00:00Z\""));
  EXPECT_THAT(out(), HasSubstr("\"on-call\":{\"entries\":2,\"seconds\":72000}"));
}

TEST_F(RosterTool, ErrorsHaveTheirPlaceAndExitCode) {
  EXPECT_EQ(call({"roster", "check", path("calls.ics")}), kDataError);
  EXPECT_THAT(err(), StartsWith(path("calls.ics") + ":5:9: a local time or a whole day without a time zone"));
  EXPECT_THAT(err(), HasSubstr("--zone"));
  EXPECT_EQ(call({"roster", "check", path("calls.ics"), "--lang", "de"}), kDataError);
  EXPECT_THAT(err(), StartsWith(path("calls.ics") + ":5:9: eine Ortszeit oder ein ganzer Tag ohne Zeitzone"));
  EXPECT_EQ(call({"roster", "check", path("absent.csv")}), kNoInput);
  EXPECT_EQ(call({"roster", "check", path("people.xls")}), kDataError);
  EXPECT_EQ(call({"roster", "mend", path("duty.csv")}), kUsage);
  EXPECT_EQ(call({"roster", "convert", path("duty.csv")}), kUsage);
  EXPECT_EQ(call({"roster", "convert", path("duty.csv"), "--to", "xls"}), kUsage);
  EXPECT_EQ(call({"roster", "check", path("duty.csv"), "--until", "soon"}), kUsage);
}

TEST_F(RosterTool, ConvertGivesTheSameEntriesInEveryFormat) {
  for (const char* format : {"csv", "ics", "toml"}) {
    const std::string there = std::string("out.") + format, back = std::string("back-from-") + format + ".csv";
    ASSERT_EQ(call({"roster", "convert", path("duty.csv"), path("calls.ics"), path("leave.toml"), "--zone",
                    "Europe/Berlin", "--out", path(there), "--out-zone", "Europe/Berlin"}),
              kDone)
        << err();
    ASSERT_EQ(call({"roster", "convert", path(there), "--out", path(back)}), kDone) << err();
    EXPECT_EQ(read(back),
              "person,kind,begin,end\n"
              "anna,duty,2026-06-01T04:00:00Z,2026-06-01T12:00:00Z\n"
              "anna,leave,2026-06-07T22:00:00Z,2026-06-09T22:00:00Z\n"
              "bernd,on-call,2026-06-01T18:00:00Z,2026-06-02T04:00:00Z\n"
              "bernd,on-call,2026-06-02T18:00:00Z,2026-06-03T04:00:00Z\n");
  }
  EXPECT_THAT(read("out.ics"), HasSubstr("DTSTART;TZID=Europe/Berlin:20260601T060000"));
  EXPECT_EQ(call({"roster", "convert", path("duty.csv"), "--out", path("out.csv")}), kCannotCreate);
  ASSERT_EQ(call({"roster", "convert", path("duty.csv"), "--to", "toml"}), kDone);
  EXPECT_THAT(out(), StartsWith("[[entry]]\nperson = \"anna\"\n"));
}

TEST_F(RosterTool, DecideTakesSeveralRosters) {
  const auto decide = [&](const std::string& at) {
    return call({"decide", "--pack", "rules/packs/arbzg/pack.toml", "--people", path("people.csv"), "--roster",
                 path("duty.csv"), "--roster", path("leave.toml"), "--zone", "Europe/Berlin", "--person", "anna",
                 "--class", "routine", "--at", at, "--json"});
  };
  ASSERT_EQ(decide("2026-06-01T12:30:00Z"), kDone) << err();
  EXPECT_THAT(out(), StartsWith("{\"effect\":\"hold\""));  // the rest after the duty of the first file
  EXPECT_THAT(out(), HasSubstr("\"until\":\"2026-06-01T23:00:00Z\""));
}

// Read whole or person by person, the facts are the same; those without a roster come, too.
TEST_F(RosterTool, FactsAreTheSameFromAStream) {
  file("people.csv", "person,groups\nanna,x\nbernd,\ncarla,y\n");
  file("duty.csv",
       "person,kind,begin,end\nanna,duty,2026-06-01T04:00:00Z,2026-06-01T12:00:00Z\n"
       "anna,leave,2026-05-01T04:00:00Z,2026-05-01T12:00:00Z\ncarla,duty,2026-06-01T04:00:00Z,2026-06-01T12:00:00Z\n");
  file("interruptions.csv", "person,begin,end\ncarla,2026-06-01T20:00:00Z,2026-06-01T20:05:00Z\n");
  const FactFiles files{path("people.csv"), {path("duty.csv")}, path("interruptions.csv"), ""};
  auto streamed = FactStream::open(files, 0);
  ASSERT_TRUE(streamed);
  EXPECT_EQ(streamed->people(), 3U);
  const auto whole = read_facts(files).value();
  for (const auto& [id, facts] : whole) EXPECT_EQ(streamed->next().value(), facts) << id;
  EXPECT_FALSE(streamed->next().value());
  file("duty.csv",
       "person,kind,begin,end\nbernd,duty,2026-06-01T04:00:00Z,2026-06-01T12:00:00Z\n"
       "anna,duty,2026-06-01T04:00:00Z,2026-06-01T12:00:00Z\n");
  auto unsorted = FactStream::open(files, 0);
  ASSERT_TRUE(unsorted);
  EXPECT_EQ(unsorted->next().error().code, "roster.unsorted");
}

// A gibibyte without a line end, as a file that takes no room on the disk.
TEST_F(RosterTool, AnEndlessLineIsRefusedWhereItStands) {
  file("huge.csv", "person,kind,begin,end\n");
  std::filesystem::resize_file(path("huge.csv"), 1ULL << 30);
  EXPECT_EQ(call({"roster", "check", path("huge.csv")}), kDataError);
  EXPECT_THAT(err(), StartsWith(path("huge.csv") + ":2:1: a line of 1073741802 bytes"));
  for (const char* name : {"huge.ics", "huge.toml"}) {
    file(name, "");
    std::filesystem::resize_file(path(name), 1ULL << 30);
    EXPECT_EQ(call({"roster", "check", path(name)}), kNoInput);
    EXPECT_THAT(err(), StartsWith(path(name) + ": a larger file"));
  }
}

}  // namespace
}  // namespace policy::tool
