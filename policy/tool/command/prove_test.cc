// `prove` through the tool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr const char* kWindowPack =
    "[pack]\nid = \"fenster\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n"
    "[[rest]]\nid = \"fenster.nacht\"\nkind = \"window\"\nfrom = 20:00:00\nto = 07:00:00\n"
    "days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", \"holiday\"]\n"
    "[[claim]]\nid = \"fenster.elf\"\nkind = \"rest-after-duty\"\nminimum = \"11h\"\nclasses = [\"routine\"]\n";

class Prove : public Called {
 protected:
  Prove() {
    people_ = file("people.csv", "person,groups\nanna,wache\n");
    std::string roster = "person,kind,begin,end\n";
    for (int day = 20; day <= 31; ++day) {
      const std::string date = "2026-03-" + std::to_string(day), offset = day < 29 ? "+01:00" : "+02:00";
      roster += "anna,duty," + date + "T08:00:00" + offset + "," + date + "T16:00:00" + offset + "\n";
    }
    roster_ = file("roster.csv", roster);
    window_ = file("fenster.toml", kWindowPack);
  }
  int sweep(const std::string& pack, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"prove",
                                       "--pack",
                                       pack,
                                       "--people",
                                       people_,
                                       "--roster",
                                       roster_,
                                       "--from",
                                       "2026-03-20T00:00:00Z",
                                       "--to",
                                       "2026-04-01T00:00:00Z"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }

  std::string people_, roster_, window_;
};

TEST_F(Prove, NamesTheNightOfTheClockChange) {
  EXPECT_EQ(sweep(window_), kDataError);
  EXPECT_THAT(out_.str(),
              HasSubstr("anna, night of Sat 2026-03-28 to Sun 2026-03-29: 10h of rest instead of 11h, from Sat "
                        "2026-03-28 20:00 CET to Sun 2026-03-29 07:00 CEST; rules: fenster.nacht\n"));
  EXPECT_THAT(out_.str(), EndsWith("No proof.\n"));
  EXPECT_EQ(sweep(window_, {"--lang", "de"}), kDataError);
  EXPECT_THAT(out_.str(),
              HasSubstr("anna, Nacht vom Sa 28.03.2026 auf den So 29.03.2026: 10h Ruhe statt 11h, von Sa 28.03.2026 "
                        "20:00 CET bis So 29.03.2026 07:00 CEST; Regeln: fenster.nacht\n"));
  EXPECT_THAT(out_.str(), EndsWith("Kein Beweis.\n"));
}

TEST_F(Prove, HoldsForTheStatute) {
  EXPECT_EQ(sweep("rules/packs/arbzg"), kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("holds: arbzg.claim-eleven-hours: 11h of rest after each duty (routine); ArbZG § 5 "
                                    "(1); places looked at: 12; broken: 0\ncovered: arbzg.rest: 131h; people: 1\n"));
}

// Each way of reading a roster gives the same proof.
TEST_F(Prove, ReadsTablesAndPlansAlike) {
  people_ = file("people.csv", "person,groups\nanna,wache\nbernd,\ncarla,\n");
  const std::string first = "bernd,duty,2026-03-27T08:00:00+01:00,2026-03-27T16:00:00+01:00\n";
  const std::string second = "carla,duty,2026-03-28T08:00:00+01:00,2026-03-28T16:00:00+01:00\n";
  const auto proof = [&](const std::string& name, const std::string& text) {
    roster_ = file(name, text);
    EXPECT_EQ(sweep(window_), kDataError) << err_.str();
    return out_.str();
  };
  const std::string header = "person,kind,begin,end\n";
  const std::string sorted = proof("sorted.csv", header + first + second);
  EXPECT_THAT(sorted, HasSubstr("people: 3; duties: 2;"));
  EXPECT_THAT(sorted, HasSubstr("carla, night of Sat 2026-03-28"));
  EXPECT_EQ(proof("unsorted.csv", header + second + first), sorted);
  EXPECT_EQ(proof("plan.toml",
                  "zone = \"Europe/Berlin\"\n[[rotation]]\ncycle = 30\nstart = 2026-03-27\nuntil = 2026-04-01\n"
                  "[[rotation.shift]]\ndays = [1]\nfrom = 08:00:00\nto = 16:00:00\n"
                  "[[rotation.team]]\nmembers = [\"bernd\"]\n[[rotation.team]]\noffset = -1\nmembers = "
                  "[\"carla\"]\n"),
            sorted);
  roster_ = file("stranger.csv", header + "dora,duty,2026-03-27T08:00:00Z,2026-03-27T16:00:00Z\n");
  EXPECT_EQ(sweep(window_), kDataError);
  EXPECT_THAT(err_.str(), HasSubstr("[csv.unknown-person]"));
  roster_ = "no-such-file.csv";
  EXPECT_EQ(sweep(window_), kNoInput);
}

TEST_F(Prove, AnswersInJson) {
  EXPECT_EQ(sweep(window_, {"--json", "--claim", "fenster.elf"}), kDataError);
  const auto answer = boost::json::parse(out_.str());
  EXPECT_EQ(answer.at("ok"), false);
  EXPECT_EQ(answer.at("mode"), "sweep");
  EXPECT_EQ(answer.at("clock_changes").at(0), "2026-03-29T01:00:00Z");
  const auto& claim = answer.at("claims").at(0);
  EXPECT_EQ(claim.at("verdict"), "fails");
  EXPECT_EQ(claim.at("places"), 12);
  const auto& example = claim.at("counterexamples").at(0);
  EXPECT_EQ(example.at("person"), "anna");
  EXPECT_EQ(example.at("found_s"), 36000);
  EXPECT_EQ(example.at("required_s"), 39600);
  EXPECT_EQ(example.at("found_begin"), "2026-03-28T19:00:00Z");
  EXPECT_EQ(example.at("before").at("end"), "2026-03-28T15:00:00Z");
  EXPECT_EQ(example.at("rules").at(0), "fenster.nacht");
  EXPECT_THAT(std::string(example.at("de").as_string()), HasSubstr("10h Ruhe statt 11h"));
  EXPECT_EQ(answer.at("rests").at(0).at("covered"), true);
}

TEST_F(Prove, WithoutARosterIsAboutEverybody) {
  EXPECT_EQ(call({"prove", "--pack", "rules/packs/arbzg", "rules/packs/dv-messenger"}), kDone) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("every conceivable person"));
  EXPECT_THAT(out_.str(), EndsWith("Proved: every claim holds, every rule is covered.\n"));
  EXPECT_EQ(call({"prove", "--pack", window_, "--lang", "de"}), kDataError);
  EXPECT_THAT(out_.str(), HasSubstr("GILT NICHT: fenster.elf"));
  EXPECT_THAT(out_.str(), HasSubstr("\n      Dienst von "));
}

TEST_F(Prove, RefusesHalfARoster) {
  EXPECT_EQ(call({"prove", "--pack", window_, "--people", people_}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("[call.syntax]"));
  EXPECT_EQ(call({"prove", "--pack", window_, "--claim", "fenster.eff"}), kDataError);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'fenster.elf'?"));
  EXPECT_EQ(sweep("rules/packs/byod-drei"), kDataError);
  EXPECT_THAT(err_.str(), HasSubstr("[prove.no-claims]"));
}

}  // namespace
}  // namespace policy::tool
