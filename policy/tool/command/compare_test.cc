// `diff` and `simulate` as they are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kEvening =
    "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\nzone = \"Europe/Berlin\"\nholidays = \"DE-NI\"\n"
    "[[rest]]\nid = \"evening\"\nkind = \"window\"\ndays = [\"mon\", \"wed\"]\nfrom = 18:00:00\nto = 20:00:00\n"
    "effect = { alarm = \"deliver\" }\n";

class Compare : public Called {
 protected:
  // kEvening with one thing replaced.
  std::string pack(const std::string& name, const std::string& what = {}, const std::string& by = {}) {
    std::string text = kEvening;
    if (!what.empty()) text.replace(text.find(what), what.size(), by);
    return file(name, text);
  }

  json::value answer() const { return json::parse(out_.str()); }
};

TEST_F(Compare, TheSameRulesDoNotDiffer) {
  const std::string a = pack("a.toml"), b = pack("b.toml", "id = \"evening\"", "id = \"night\"");
  ASSERT_EQ(call({"diff", a, b, "--exit-code"}), kDone) << err_.str();
  EXPECT_THAT(out(), StartsWith("No decision changes.\n"));
  EXPECT_THAT(out(), HasSubstr("Routine messages: unchanged (proved the same)"));
  EXPECT_THAT(out(), HasSubstr("Rest 'night' was called 'evening' before."));
  ASSERT_EQ(call({"diff", a, b, "--json"}), kDone);
  EXPECT_FALSE(answer().at("different").as_bool());
  EXPECT_TRUE(answer().at("any_roster").at("cases").as_array().empty());
}

TEST_F(Compare, OneMoreDayInBothLanguages) {
  const std::string a = pack("a.toml"), b = pack("b.toml", "\"wed\"]", "\"wed\", \"thu\", \"holiday\"]");
  EXPECT_EQ(call({"diff", a, b, "--exit-code"}), 1);
  EXPECT_THAT(out(), StartsWith("The rules differ.\n  Routine messages: protects more\n"));
  EXPECT_THAT(out(), HasSubstr("  Alarms: unchanged (proved the same)\n"));
  EXPECT_THAT(out(), HasSubstr("1. For everybody – with and without a roster, in every situation that was tried:\n"
                               "    On Thursdays and on public holidays, 18:00–20:00: routine and urgent messages and "
                               "shift notices are now held (before: delivered). Reason: Rest 'evening' changed.\n"));
  EXPECT_THAT(out(), HasSubstr("days mon,wed → mon,wed,thu,holiday (protects more)"));
  EXPECT_EQ(call({"diff", a, b, "--lang", "de"}), kDone);
  EXPECT_THAT(out(),
              HasSubstr("Donnerstags und an Feiertagen, 18:00–20:00 Uhr: gewöhnliche und dringende Nachrichten und "
                        "Hinweise auf Dienständerungen werden jetzt zurückgehalten (vorher zugestellt). Grund: "
                        "Ruheregel „evening“ geändert."));
  EXPECT_EQ(call({"diff", b, a}), kDone);
  EXPECT_THAT(out(), HasSubstr("Routine messages: protects less"));
}

TEST_F(Compare, JsonHasTheExactIntervals) {
  const std::string a = pack("a.toml"), b = pack("b.toml", "to = 20:00:00", "to = 21:00:00");
  ASSERT_EQ(call({"diff", a, b, "--from", "2026-03-23T00:00:00Z", "--to", "2026-04-01T22:00:00Z", "--json"}), kDone)
      << err_.str();
  const json::value all = answer();
  const json::array& cases = all.at("any_roster").at("cases").as_array();
  ASSERT_EQ(cases.size(), 1U);
  const json::array& changes = cases[0].at("changes").as_array();
  ASSERT_EQ(changes.size(), 12U);  // four evenings, three classes
  EXPECT_EQ(json::serialize(changes[0]),
            R"({"class":"routine","begin":"2026-03-23T19:00:00Z","end":"2026-03-23T20:00:00Z","before":"deliver",)"
            R"("after":"hold","rules_before":[],"rules_after":["evening"]})");
  EXPECT_EQ(changes[2].at("begin").as_string(), "2026-03-30T18:00:00Z");  // the clock was put forward
}

TEST_F(Compare, GroupsAreNamed) {
  const std::string a = pack("a.toml");
  const std::string b = pack("b.toml", "effect =", "applies = { groups = [\"wache\"] }\neffect =");
  ASSERT_EQ(call({"diff", a, b}), kDone) << err_.str();
  EXPECT_THAT(out(), HasSubstr("For people in none of these groups: wache – "));
  EXPECT_THAT(out(), HasSubstr("are now delivered (before: held)"));
}

TEST_F(Compare, OverARosterPeopleWithEqualChangesAreTogether) {
  const std::string a = pack("a.toml"), b = pack("b.toml", "effect =", "unless = [\"on-call\"]\neffect =");
  const std::string people = file("people.csv", "person,groups\nanna,\nbernd,\ncarla,\n");
  const std::string roster = file("roster.csv",
                                  "person,kind,begin,end\n"
                                  "anna,on-call,2026-06-01T10:00:00Z,2026-06-01T17:00:00Z\n"
                                  "carla,on-call,2026-06-01T15:00:00Z,2026-06-01T17:00:00Z\n");
  const std::vector<std::string> call_it{"diff",
                                         a,
                                         b,
                                         "--people",
                                         people,
                                         "--roster",
                                         roster,
                                         "--from",
                                         "2026-06-01T00:00:00Z",
                                         "--to",
                                         "2026-06-08T00:00:00Z"};
  ASSERT_EQ(call(call_it), kDone) << err_.str();
  EXPECT_THAT(out(), HasSubstr("2 person(s): anna, carla\n    Monday 1 June 2026, 18:00–19:00: "));
  EXPECT_THAT(out(), HasSubstr("every decision about 3 people"));
  std::vector<std::string> as_json = call_it;
  as_json.emplace_back("--json");
  ASSERT_EQ(call(as_json), kDone);
  const json::value all = answer();
  ASSERT_EQ(all.at("people").at("alike").as_array().size(), 1U);
  EXPECT_EQ(json::serialize(all.at("people").at("alike").at(0).at("people")), R"(["anna","carla"])");
}

TEST_F(Compare, SettingsAndTheirDirection) {
  const std::string a = pack("a.toml");
  const std::string b =
      file("b.toml", kEvening + "[devices]\nmax = 2\n[[retention]]\nid = \"kept\"\nperiod = \"14d\"\n");
  ASSERT_EQ(call({"diff", a, b, "--exit-code"}), 1) << err_.str();
  EXPECT_THAT(out(), HasSubstr("Devices changed: max 3 → 2 (protects more)."));
  EXPECT_THAT(out(), HasSubstr("Retention of 'routine' changed: period 7d → 14d, ceiling 7d → 14d (protects less)"));
  ASSERT_EQ(call({"diff", a, b, "--lang", "de"}), kDone);
  EXPECT_THAT(out(), HasSubstr("Geräte geändert: Höchstzahl 3 → 2 (schützt mehr)."));
}

TEST_F(Compare, SetsOfPacks) {
  const std::string a = pack("old/a/pack.toml");
  pack("new/a/pack.toml");
  file("new/b/pack.toml",
       "[pack]\nid = \"q\"\nlayer = \"unit\"\nversion = 1\n[[rest]]\nid = \"off\"\nkind = \"absence\"\n");
  const std::string old_folder = (folder_ / "old").string(), new_folder = (folder_ / "new").string();
  ASSERT_EQ(call({"diff", old_folder, new_folder}), kDone) << err_.str();
  EXPECT_THAT(out(), HasSubstr("Reason: Rest 'off' new."));
  const std::string both = new_folder + "/a," + new_folder + "/b";
  ASSERT_EQ(call({"diff", new_folder, both, "--exit-code"}), kDone);
  ASSERT_EQ(call({"diff", "--old", a, "--new", new_folder + "/a", new_folder + "/b"}), kDone) << err_.str();
  EXPECT_THAT(out(), HasSubstr("Reason: Rest 'off' new."));
}

TEST_F(Compare, ABundleIsASet) {
  const std::string a = pack("a.toml"), b = pack("b.toml", "to = 20:00:00", "to = 21:00:00");
  const std::string signed_file = (folder_ / "rules.bundle").string();
  const std::string with_signer =
      file("c.toml",
           std::string(kEvening).insert(kEvening.find("[[rest]]"), "signers = [\"administration\", \"council\"]\n"));
  ASSERT_EQ(call({"bundle", with_signer, "--tenant", "t", "--revision", "1", "--not-before", "2026-07-01T00:00:00Z",
                  "--expires", "2027-07-01T00:00:00Z", "--out", signed_file}),
            kDone)
      << err_.str();
  ASSERT_EQ(call({"diff", with_signer, signed_file, "--exit-code"}), kDone) << err_.str();
  EXPECT_EQ(call({"diff", signed_file, b, "--exit-code"}), 1) << err_.str();
  EXPECT_THAT(out(), HasSubstr("20:00–21:00"));
}

TEST_F(Compare, DrawsOneDifference) {
  const std::string a = pack("a.toml"), b = pack("b.toml", "to = 20:00:00", "to = 21:00:00");
  const std::string picture = (folder_ / "week.svg").string();
  ASSERT_EQ(call({"diff", a, b, "--svg", picture, "--lang", "de"}), kDone) << err_.str();
  std::ifstream in(picture);
  const std::string svg{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_THAT(svg, HasSubstr("Gewöhnliche Nachrichten – vorher"));
  EXPECT_THAT(svg, HasSubstr("20:00–21:00 wartet neu"));
  EXPECT_THAT(svg, Not(HasSubstr("Alarme")));
  EXPECT_EQ(call({"diff", a, b, "--svg", picture, "--case", "2"}), kDataError);
  EXPECT_EQ(call({"diff", a, a, "--svg", picture}), kDataError);
  EXPECT_THAT(err_.str(), HasSubstr("[diff.no-case]"));
}

TEST_F(Compare, WrongCalls) {
  const std::string a = pack("a.toml");
  EXPECT_EQ(call({"diff", a, "--lang", "de"}), kUsage);
  EXPECT_EQ(err_.str(),
            "weniger als zwei Fassungen der Regeln; erlaubt: OLD und NEW, oder --old DATEI und --new DATEI. Nennen Sie "
            "die Regelpakete vor und nach der Änderung. [call.two-sets]\n");
  EXPECT_EQ(call({"diff", a, a, "--people", a}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("[call.roster]"));
  EXPECT_EQ(call({"diff", a, a, "--from", "2026-01-01T00:00:00Z"}), kUsage);
  EXPECT_EQ(call({"diff", a, a, "--from", "2026-01-01T00:00:00Z", "--to", "2030-01-01T00:00:00Z"}), kUsage);
  EXPECT_EQ(call({"diff", a, folder_ / "none.toml"}), kNoInput);
  EXPECT_EQ(call({"diff", a, file("bad.toml", "x")}), kDataError);
}

// Ten people of two units on night duty; seven and three.
class Simulate : public Compare {
 protected:
  Simulate() {
    std::string people = "person,groups\n", roster = "person,kind,begin,end\n";
    for (int i = 0; i < 10; ++i) {
      const std::string name = "p" + std::to_string(i);
      people += name + (i < 7 ? ",=nord\n" : ",süd\n");
      roster += name + ",duty,2026-06-0" + std::to_string(1 + i % 3) + "T0" + std::to_string(i % 7) +
                ":00:00Z,2026-06-0" + std::to_string(1 + i % 3) + "T18:30:00Z\n";
    }
    people_ = file("people.csv", people);
    roster_ = file("roster.csv", roster);
    old_ = file("old.toml", rules("9h"));
    new_ = file("new.toml", rules("11h"));
  }
  static std::string rules(const std::string& minimum) {
    return "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\n[[rest]]\nid = \"r\"\nkind = \"after-duty\"\n"
           "minimum = \"" +
           minimum + "\"\neffect = { alarm = \"deliver\" }\n";
  }
  int simulate(std::vector<std::string> more, const std::string& from = "2026-06-01T00:00:00Z") {
    std::vector<std::string> arguments{"simulate",
                                       old_,
                                       new_,
                                       "--people",
                                       people_,
                                       "--roster",
                                       roster_,
                                       "--from",
                                       from,
                                       "--to",
                                       "2026-06-08T00:00:00Z"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }
  std::string people_, roster_, old_, new_;
};

TEST_F(Simulate, SmallUnitsAreJoined) {
  ASSERT_EQ(simulate({"--json"}), kDone) << err_.str();
  const json::value all = answer();
  EXPECT_TRUE(all.at("units").at(0).at("cells").is_null());  // three people, and the seven that would give them away
  EXPECT_TRUE(all.at("units").at(1).at("cells").is_null());
  EXPECT_EQ(json::serialize(all.at("total").at("classes").at("routine")),
            R"({"hours_before":90,"hours_after":110,"hours_change":20,"longer":10,"shorter":0})");
  EXPECT_EQ(json::serialize(all.at("total").at("classes").at("alarm")),
            R"({"hours_before":0,"hours_after":0,"hours_change":0,"longer":0,"shorter":0})");
}

TEST_F(Simulate, CsvIsNoFormula) {
  ASSERT_EQ(simulate({"--csv"}), kDone);
  EXPECT_THAT(out(), StartsWith("kind,unit,class,people,"));
  EXPECT_THAT(out(), HasSubstr("unit,\"'=nord\",routine,,,,,,,,\n"));
  EXPECT_THAT(out(), HasSubstr("total,\"\",routine,10,90,110,20,10,0,0,0\n"));
  EXPECT_THAT(out(), Not(HasSubstr("p0")));
}

TEST_F(Simulate, UnitsFromATable) {
  std::string units = "person,unit\n";
  for (int i = 0; i < 10; ++i) units += "p" + std::to_string(i) + (i % 2 == 0 ? ",gerade\n" : ",ungerade\n");
  ASSERT_EQ(simulate({"--units", file("units.csv", units), "--lang", "de"}), kDone) << err_.str();
  EXPECT_THAT(out(), HasSubstr("gerade    5         45                      55"));
  EXPECT_THAT(out(),
              HasSubstr("zusammen  10        90                      110          20            10             0"));
  EXPECT_EQ(simulate({"--units", people_}), kDataError);
  EXPECT_EQ(simulate({"--units", people_, "--unit-prefix", "x"}), kUsage);
}

TEST_F(Simulate, TooFewAreWithheld) {
  // Of the last day's duties alone, whoever has one is one of three.
  ASSERT_EQ(simulate({}, "2026-06-04T04:00:00Z"), kDone);
  EXPECT_THAT(out(), StartsWith("Nothing is shown"));
  ASSERT_EQ(simulate({"--json"}, "2026-06-04T04:00:00Z"), kDone);
  EXPECT_TRUE(answer().at("total").is_null());
}

}  // namespace
}  // namespace policy::tool
