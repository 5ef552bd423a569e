// `test --mutate` and `check --strict`, as they are called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPack =
    "[pack]\nid = \"p\"\nlayer = \"law\"\nversion = 1\nzone = \"Europe/Berlin\"\n"
    "[[rest]]\nid = \"r\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:00:00\nto = 22:00:00\n"
    "effect = { shift-notice = \"deliver\", urgent = \"deliver\", alarm = \"deliver\" }\n";

std::string a_case(const std::string& message_class, const std::string& at, const std::string& rest) {
  return "[[case]]\nname = \"c\"\nperson = \"anna\"\nclass = \"" + message_class + "\"\nat = 2026-06-01T" + at +
         "+02:00\n" + rest;
}

class TestCommand : public Called {
 protected:
  void write(const std::string& pack, const std::string& cases) {
    file("pack.toml", pack);
    file("cases.toml", "[[person]]\nid = \"anna\"\n" + cases);
  }
  int call(std::vector<std::string> arguments) {
    arguments.push_back(folder_.string());
    return Called::call(arguments);
  }
};

TEST_F(TestCommand, NamesWhatNoCaseNotices) {
  const std::string inside = "effect = \"hold\"\nrules = [\"r\"]\nuntil = 2026-06-01T22:00:00+02:00\n";
  const std::string passes = "effect = \"deliver\"\nrules = []\n";
  const std::string cases = a_case("routine", "20:00:00", inside) + a_case("urgent", "21:00:00", passes) +
                            a_case("alarm", "21:00:00", passes);
  write(kPack, cases);
  EXPECT_EQ(call({"test", "--mutate"}), kDataError) << err();
  EXPECT_THAT(out(), HasSubstr("pack.toml:10:8: from of rule 'r' is 19:59:00 instead of 20:00:00. A case for it: anna, "
                               "routine at "));
  EXPECT_THAT(out(), HasSubstr("effect.shift-notice of rule 'r' is silent instead of deliver"));
  EXPECT_THAT(out(), HasSubstr(" mutants, 3 of them noticed by no case\n"));
  EXPECT_EQ(call({"test", "--mutate", "--lang", "de"}), kDataError);
  EXPECT_THAT(out(),
              HasSubstr("from von Regel „r“ ist 19:59:00 statt 20:00:00. Ein Prüffall dafür: anna, routine um "));
  EXPECT_EQ(call({"test", "--mutate", "--json"}), kDataError);
  EXPECT_THAT(out(), StartsWith("{\"mutants\":"));
  EXPECT_THAT(out(), HasSubstr(R"("change":"from of rule 'r' is 19:59:00 instead of 20:00:00","hint":{"family":"case",)"
                               R"("person":"anna","class":"routine","at":)"));
  write(kPack, cases + a_case("routine", "19:59:59", passes) + a_case("shift-notice", "21:00:00", passes));
  EXPECT_EQ(call({"test", "--mutate", "--json"}), kDone) << out();
  EXPECT_THAT(out(), HasSubstr("\"survivors\":[]}"));
}

TEST_F(TestCommand, FailedCasesComeFirst) {
  write(kPack, a_case("routine", "20:00:00", "effect = \"deliver\"\nrules = []\n"));
  EXPECT_EQ(call({"test", "--mutate"}), kDataError);
  EXPECT_THAT(err(), HasSubstr("case 'c' fails without any mutation; run test without --mutate [case.failed]"));
  EXPECT_EQ(call({"test"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("0 passed, 1 failed"));
}

TEST_F(TestCommand, StrictCheckRefusesWhatIsOdd) {
  const std::string twice =
      std::string(kPack) +
      "[[rest]]\nid = \"s\"\nkind = \"window\"\ndays = [\"mon\"]\nfrom = 20:30:00\nto = 21:00:00\n"
      "effect = { shift-notice = \"deliver\", urgent = \"deliver\", alarm = \"deliver\" }\n";
  write(twice, "");
  EXPECT_EQ(call({"check"}), kDone);
  EXPECT_THAT(out(), HasSubstr("rule 's' never decides anything: whenever it closes, as much is closed by 'r'"));
  EXPECT_EQ(call({"check", "--strict"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("findings: 1\n"));
  EXPECT_EQ(call({"check", "--strict", "--json"}), kDataError);
  EXPECT_THAT(out(), StartsWith("{\"ok\":false,\"digest\":"));
  EXPECT_EQ(call({"check", "--strict", "--lang", "de"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("Regel „s“ entscheidet nie etwas"));
  write(kPack, "");
  EXPECT_EQ(call({"check", "--strict"}), kDone);
}

}  // namespace
}  // namespace policy::tool
