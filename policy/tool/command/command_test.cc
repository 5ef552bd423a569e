
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "policy/tool/command/table.h"
#include "policy/tool/command/testing/called.h"

namespace policy::tool {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Tool : public Called {
 protected:
  Tool() {
    people_ = file("people.csv", "person,groups\nanna,wache\nbernd,\n");
    roster_ =
        file("roster.csv", "person,kind,begin,end\nanna,duty,2026-06-01T06:00:00+02:00,2026-06-01T14:00:00+02:00\n");
    interruptions_ = file("interruptions.csv", "person,begin,end\nanna,2026-06-01T20:00:00Z,2026-06-01T20:05:00Z\n");
  }
  int ask(std::vector<std::string> arguments, std::vector<std::string> more) {
    arguments.insert(arguments.end(), {"--pack", "rules/packs/arbzg/pack.toml", "--people", people_, "--roster",
                                       roster_, "--person", "anna", "--class", "routine"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(arguments);
  }

  std::string people_, roster_, interruptions_;
};

TEST_F(Tool, TimelineBytes) {
  ASSERT_EQ(ask({"timeline"}, {"--from", "2026-06-01T00:00:00Z", "--to", "2026-06-02T02:00:00+02:00", "--json"}), kDone)
      << err();
  EXPECT_EQ(out(),
            R"([{"begin":"2026-06-01T00:00:00Z","end":"2026-06-01T12:00:00Z","effect":"deliver","rules":[]},)"
            R"({"begin":"2026-06-01T12:00:00Z","end":"2026-06-01T23:00:00Z","effect":"hold","rules":["arbzg.rest"]},)"
            R"({"begin":"2026-06-01T23:00:00Z","end":"2026-06-02T00:00:00Z","effect":"deliver","rules":[]}])"
            "\n");
  ASSERT_EQ(ask({"timeline"}, {"--from", "2026-06-01T00:00:00Z", "--to", "2026-06-03T00:00:00Z", "--interruptions",
                               interruptions_, "--json"}),
            kDone)
      << err();
  EXPECT_THAT(out(), HasSubstr(R"("end":"2026-06-02T07:00:00Z","effect":"hold")"));
}

TEST_F(Tool, TimelineForPeople) {
  ASSERT_EQ(ask({"timeline"}, {"--from", "2026-06-01T00:00:00Z", "--to", "2026-06-01T13:00:00Z"}), kDone);
  EXPECT_EQ(out(),
            "begin                 end                   effect   rules\n"
            "2026-06-01T00:00:00Z  2026-06-01T12:00:00Z  deliver  –\n"
            "2026-06-01T12:00:00Z  2026-06-01T13:00:00Z  hold     arbzg.rest\n");
}

TEST_F(Tool, SeveralPacksAfterOneFlagOrSeveral) {
  const std::vector<std::string> rest{"--people", people_,   "--roster", roster_, "--person",
                                      "anna",     "--class", "routine",  "--at",  "2026-06-01T15:00:00Z",
                                      "--json"};
  std::vector<std::string> one{"decide", "--pack", "rules/packs/arbzg", "rules/packs/dv-messenger/pack.toml"};
  std::vector<std::string> two{"decide", "--pack", "rules/packs/arbzg", "--pack", "rules/packs/dv-messenger"};
  one.insert(one.end(), rest.begin(), rest.end());
  two.insert(two.end(), rest.begin(), rest.end());
  ASSERT_EQ(call(one), kDone) << err();
  const std::string first = out();
  EXPECT_EQ(first,
            "{\"effect\":\"hold\",\"rules\":[\"arbzg.rest\",\"dv.off-duty\",\"dv.rest\"],\"until\":\"2026-06-08T06:00:"
            "00Z\"}\n");
  ASSERT_EQ(call(two), kDone) << err();
  EXPECT_EQ(out(), first);
}

TEST_F(Tool, DecideAndExplainNow) {
  ASSERT_EQ(ask({"decide"}, {"--json"}), kDone) << err();
  EXPECT_EQ(out(), "{\"effect\":\"hold\",\"rules\":[\"arbzg.rest\"],\"until\":\"2026-06-01T23:00:00Z\"}\n");
  ASSERT_EQ(ask({"explain"}, {"--language", "en"}), kDone);
  EXPECT_THAT(out(), StartsWith("Routine messages are held until 01:00 on Tuesday 2 June 2026 (CEST)."));
  ASSERT_EQ(ask({"explain"}, {"--json"}), kDone);
  EXPECT_THAT(out(), HasSubstr("\"de\":\"Gewöhnliche Nachrichten"));
}

TEST_F(Tool, CheckReportsAllErrors) {
  const std::string broken = file("broken.toml", "[pack]\nid = \"p\"\nlayer = \"lwa\"\nversion = 1\nx = 1\n");
  EXPECT_EQ(call({"check", broken}), kDataError);
  EXPECT_THAT(err(), HasSubstr(broken + ":3:9: "));
  EXPECT_THAT(err(), HasSubstr("did you mean 'law'? [pack.value]"));
  EXPECT_THAT(err(), HasSubstr("[pack.unknown-key]"));
  EXPECT_EQ(call({"check", broken, "--json"}), kDataError);
  EXPECT_THAT(out(), StartsWith("{\"ok\":false,\"errors\":[{\"code\":\"pack."));
  EXPECT_EQ(call({"check", "rules/packs/arbzg", "rules/packs/dv-messenger", "--json"}), kDone);
  EXPECT_THAT(out(), StartsWith("{\"ok\":true,\"digest\":\""));
}

TEST_F(Tool, ExitCodes) {
  EXPECT_EQ(call({}), kUsage);
  EXPECT_EQ(call({"chek"}), kUsage);
  EXPECT_EQ(call({"timeline", "--pack", "x"}), kUsage);
  EXPECT_EQ(call({"--help"}), kDone);
  EXPECT_EQ(call({"--version"}), kDone);
  EXPECT_EQ(call({"check", "no-such-file.toml"}), kNoInput);
  EXPECT_EQ(ask({"decide"}, {"--at", "yesterday"}), kUsage);
  EXPECT_THAT(err(), HasSubstr("instant.syntax"));
  EXPECT_EQ(ask({"timeline"}, {"--from", "2026-06-02T00:00:00Z", "--to", "2026-06-01T00:00:00Z"}), kUsage);
  roster_ = file("roster.csv", "person,kind,begin,end\ncarl,duty,x,y\n");
  EXPECT_EQ(ask({"decide"}, {"--json"}), kDataError);
  EXPECT_THAT(err(), StartsWith("{\"errors\":[{\"code\":\"csv.unknown-person\""));
}

TEST_F(Tool, UnknownPersonIsADataError) {
  EXPECT_EQ(call({"decide", "--pack", "rules/packs/arbzg", "--people", people_, "--roster", roster_, "--person", "carl",
                  "--class", "alarm"}),
            kDataError);
  EXPECT_THAT(err(), HasSubstr("person.unknown"));
  EXPECT_EQ(call({"decide", "--pack", "rules/packs/arbzg", "--people", people_, "--roster", roster_, "--person", "anna",
                  "--class", "Alarm"}),
            kUsage);
}

TEST_F(Tool, AFailedCaseIsNamed) {
  std::filesystem::create_directories(folder_ / "bad");
  std::filesystem::copy_file("rules/packs/byod-drei/pack.toml", folder_ / "bad" / "pack.toml");
  file("bad/cases.toml", "[[devices]]\nname = \"four\"\nmax = 4\n");
  EXPECT_EQ(call({"test", (folder_ / "bad").string()}), kDataError);
  EXPECT_THAT(out(), HasSubstr("cases.toml:1:1: four: max is 3 and not 4"));
  EXPECT_THAT(out(), HasSubstr("0 passed, 1 failed"));
  EXPECT_EQ(call({"test", "rules/packs/byod-drei", "--json"}), kDone);
  EXPECT_THAT(out(), StartsWith("{\"passed\":1,\"failed\":0,"));
}

// The language reaches help, headings, findings, errors of files and wrong calls; JSON stays as it is.
TEST_F(Tool, SpeaksGermanThroughout) {
  EXPECT_EQ(call({"--help", "--lang", "de"}), kDone);
  EXPECT_THAT(out(), HasSubstr("Befehle:"));
  EXPECT_THAT(out(), testing::Not(HasSubstr("Options")));
  ASSERT_EQ(ask({"timeline"}, {"--from", "2026-06-01T00:00:00Z", "--to", "2026-06-01T13:00:00Z", "--lang=de"}), kDone);
  EXPECT_EQ(out(),
            "Beginn                Ende                  Wirkung                Regeln\n"
            "2026-06-01T00:00:00Z  2026-06-01T12:00:00Z  kommt durch (deliver)  –\n"
            "2026-06-01T12:00:00Z  2026-06-01T13:00:00Z  wartet (hold)          arbzg.rest\n");
  const std::string broken = file("broken.toml", "[pack]\nid = \"p\"\nlayer = \"lwa\"\nversion = 1\nx = 1\n");
  EXPECT_EQ(call({"check", broken, "--lang", "de"}), kDataError);
  EXPECT_THAT(err(),
              HasSubstr("Angabe „layer“ in [pack] ist „lwa“; erlaubt: law, agreement, unit, personal. Meinten Sie "
                        "„law“? [pack.value]"));
  EXPECT_EQ(call({"check", "no-such-file.toml", "--lang", "de"}), kNoInput);
  EXPECT_EQ(err(),
            "no-such-file.toml: eine Datei, die sich nicht öffnen lässt; erlaubt: eine lesbare Datei "
            "[file.unreadable]\n");
  EXPECT_EQ(call({"chek", "--lang", "de"}), kUsage);
  EXPECT_EQ(err(), "unbekannte Angabe „chek“. Rufen Sie auf: feierabend-policy --help [call.syntax]\n");
  EXPECT_EQ(call({"decide", "--lang", "de"}), kUsage);
  EXPECT_THAT(err(), StartsWith("--pack fehlt. Rufen Sie auf: feierabend-policy decide --help"));
  EXPECT_EQ(call({"check", "--lang", "fr", "x"}), kUsage);
}

TEST_F(Tool, TakesTheLanguageOfTheEnvironment) {
  EXPECT_EQ(run(std::vector<std::string>{"--help"}, {out_, err_}, FixedClock(), "de_DE.UTF-8"), kDone);
  EXPECT_THAT(out(), HasSubstr("Aufruf:"));
  EXPECT_EQ(call({"--help"}), kDone);
  EXPECT_THAT(out(), HasSubstr("Usage:"));
}

TEST(Table, NoCommandOrOptionLacksGerman) {
  Question german, english;
  german.language = Language::kGerman;
  Action chosen;
  const auto de = make_table(german, chosen), en = make_table(english, chosen);
  const auto all = [](CLI::App* app) { return app->get_subcommands([](const CLI::App*) { return true; }); };
  EXPECT_NE(de->get_description(), en->get_description());
  EXPECT_NE(de->get_footer(), en->get_footer());
  ASSERT_EQ(all(de.get()).size(), all(en.get()).size());
  for (CLI::App* command : all(de.get())) {
    CLI::App* twin = en->get_subcommand(command->get_name());
    EXPECT_FALSE(command->get_description().empty());
    EXPECT_NE(command->get_description(), twin->get_description()) << command->get_name();
    for (const CLI::Option* option : command->get_options()) {
      EXPECT_FALSE(option->get_description().empty()) << option->get_name();
      EXPECT_NE(option->get_description(), twin->get_option(option->get_name())->get_description())
          << command->get_name() << ' ' << option->get_name();
    }
  }
}

TEST(Words, BothLanguagesHaveTheSameGaps) {
  const auto gaps = [](std::string_view text) {
    std::size_t found = 0;
    for (std::size_t at = text.find("{}"); at != std::string_view::npos; at = text.find("{}", at + 2)) ++found;
    return found;
  };
  for (const Phrase& phrase : kPhrases) {
    EXPECT_FALSE(phrase.german.empty());
    EXPECT_FALSE(phrase.english.empty());
    EXPECT_EQ(gaps(phrase.german), gaps(phrase.english)) << phrase.english;
  }
}

TEST_F(Tool, CompletionsNameEveryCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    ASSERT_EQ(call({"completions", shell}), kDone);
    for (const char* word : {"check", "decide", "explain", "timeline", "test", "completions", "interruptions"})
      EXPECT_THAT(out(), HasSubstr(word)) << shell;
  }
  EXPECT_EQ(call({"completions", "csh"}), kUsage);
}

}  // namespace
}  // namespace policy::tool
