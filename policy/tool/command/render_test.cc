#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Render : public Called {
 protected:
  int call(std::vector<std::string> arguments, const std::string& locale = "") {
    arguments.insert(arguments.begin(), "render");
    return Called::call(arguments, locale);
  }
};

TEST_F(Render, TextInTheLanguageOfTheCall) {
  ASSERT_EQ(call({"rules/packs/arbzg"}, "de_DE.UTF-8"), kDone) << err();
  EXPECT_THAT(out(), StartsWith("# Arbeitszeitgesetz\n"));
  EXPECT_THAT(out(), HasSubstr("Nach jedem Dienst gilt eine Ruhezeit von 11 Stunden."));
  ASSERT_EQ(call({"rules/packs/arbzg", "rules/packs/dv-messenger", "--lang", "en"}), kDone) << err();
  EXPECT_THAT(out(), StartsWith("# Working Hours Act\n"));
  EXPECT_THAT(out(), HasSubstr("\n\n# Service agreement on the messenger\n"));
}

TEST_F(Render, PacksThatAreOnlyLoadedAreNotDescribed) {
  const std::string pack =
      file("p/pack.toml",
           "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\n[[adapt]]\nrule = \"arbzg.rest\"\n"
           "minimum = \"10h\"\ncite = \"§ 1\"\n");
  EXPECT_EQ(call({pack}), kDataError);  // it refers to the other
  ASSERT_EQ(call({pack, "--with", "rules/packs/arbzg"}), kDone) << err();
  EXPECT_THAT(out(), StartsWith("# p\n"));
  EXPECT_THAT(out(), HasSubstr("is 10 hours."));
  EXPECT_THAT(out(), Not(HasSubstr("# Working Hours Act")));
}

TEST_F(Render, PictureAndPage) {
  ASSERT_EQ(call({"rules/packs/dv-messenger", "--format", "svg", "--shift", "night", "--week", "2026-03-29"}), kDone)
      << err();
  EXPECT_THAT(out(), StartsWith("<svg xmlns="));
  EXPECT_THAT(out(), HasSubstr("Sample person on night shift. Week from 23 March 2026 to 29 March 2026."));
  EXPECT_THAT(out(), HasSubstr("the day has 23 hours."));
  ASSERT_EQ(call({"rules/packs/dv-messenger", "--format", "svg", "--person", "bernd", "--lang", "de"}), kDone) << err();
  EXPECT_THAT(out(), HasSubstr("Person bernd. Woche vom 1. Juni 2026 bis zum 7. Juni 2026."));
  const std::string file = (folder_ / "page.html").string();
  ASSERT_EQ(call({"rules/packs/dv-messenger", "--format", "html", "--out", file}), kDone) << err();
  EXPECT_EQ(out(), "");
  EXPECT_THAT(read(file), StartsWith("<!DOCTYPE html>\n"));
  EXPECT_THAT(read(file), HasSubstr("<svg xmlns="));
  EXPECT_EQ(call({"rules/packs/arbzg", "--out", (folder_ / "no" / "such" / "folder").string()}), kCannotCreate);
  EXPECT_THAT(err(), HasSubstr("[file.write]"));
}

TEST_F(Render, Json) {
  ASSERT_EQ(call({"rules/packs/arbzg", "--json"}), kDone) << err();
  EXPECT_THAT(out(),
              StartsWith(R"({"packs":[{"pack":"arbzg","title":{"de":"Arbeitszeitgesetz","en":"Working Hours Act"})"));
  EXPECT_THAT(out(), HasSubstr(R"({"key":"arbzg.rest/minimum","de":"Nach jedem Dienst gilt)"));
  ASSERT_EQ(call({"rules/packs/arbzg", "--json", "--format", "svg"}), kDone);
  EXPECT_THAT(out(), StartsWith("{\"week\":{\"title\":"));
  EXPECT_THAT(out(), HasSubstr(R"("first":"2026-06-15")"));
}

TEST_F(Render, WrongCalls) {
  EXPECT_EQ(call({"rules/packs/arbzg", "--format", "pdf"}), kUsage);
  EXPECT_EQ(call({"rules/packs/arbzg", "--week", "2026-02-30"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("[date.syntax]"));
  EXPECT_EQ(call({"rules/packs/arbzg", "--week", "26-02-03"}), kUsage);
  EXPECT_EQ(call({"rules/packs/arbzg", "--shift", "lunch", "--lang", "de"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("Dienst „lunch“"));
  EXPECT_EQ(call({"rules/packs/arbzg", "--shift", "late", "--person", "anna"}), kUsage);
  EXPECT_EQ(call({"rules/packs/arbzg", "--check", "--write"}), kUsage);
  EXPECT_EQ(call({"rules/packs/arbzg", "--format", "svg", "--person", "nobody"}), kDataError);
  EXPECT_EQ(call({"rules/packs/no-such-pack"}), kNoInput);
}

TEST_F(Render, TextsBesideThePackAreCheckedToTheByte) {
  const std::string pack = file("p/pack.toml", read("rules/packs/arbzg/pack.toml"));
  const std::string folder = (folder_ / "p").string();
  EXPECT_EQ(call({"--check", folder}), kDataError);
  EXPECT_THAT(err(), HasSubstr("klartext.de.md: no text beside the rules"));
  ASSERT_EQ(call({"--write", folder}), kDone) << err();
  EXPECT_EQ(read(folder_ / "p" / "klartext.de.md"), read("rules/packs/arbzg/klartext.de.md"));
  ASSERT_EQ(call({"--check", pack}), kDone) << err();
  std::string text = read(folder_ / "p" / "klartext.en.md");
  const std::size_t place = text.find("11 hours");
  text.replace(place, 8, "12 hours");
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n') + 1;
  file("p/klartext.en.md", text);
  EXPECT_EQ(call({"--check", folder, "--lang", "de"}), kDataError);
  EXPECT_THAT(err(),
              HasSubstr("klartext.en.md:" + std::to_string(line) + ": ein Text, der nicht zu seinen Regeln passt"));
  EXPECT_THAT(out(), HasSubstr("klartext.de.md"));
  EXPECT_EQ(call({"--check", folder, "--json"}), kDataError);
  EXPECT_THAT(out(), HasSubstr("klartext.en.md\",\"ok\":false}"));
}

TEST_F(Render, PacksOfTheCasesAreLoadedToo) {
  file("p/pack.toml",
       "[pack]\nid = \"p\"\nlayer = \"agreement\"\nversion = 1\n[[adapt]]\nrule = \"arbzg.rest\"\n"
       "minimum = \"10h\"\ncite = \"§ 1\"\n");
  file("p/cases.toml", "packs = [\"" + fs::absolute("rules/packs/arbzg/pack.toml").string() +
                           "\"]\n[[devices]]\nname = \"default\"\nmax = 3\n");
  ASSERT_EQ(call({"--write", (folder_ / "p").string()}), kDone) << err();
  EXPECT_THAT(read(folder_ / "p" / "klartext.de.md"), HasSubstr("10 Stunden"));
}

}  // namespace
}  // namespace policy::tool
