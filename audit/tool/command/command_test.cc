// What all commands share: exit codes, languages, help, completions.
#include "audit/tool/command/command.h"

#include <CLI/CLI.hpp>

#include "audit/tool/command/table.h"
#include "audit/tool/command/testing/called.h"

namespace audit::tool {
namespace {

TEST_F(SmallLog, RefusesWithTheRightExitCode) {
  EXPECT_EQ(call({}), 2);
  EXPECT_EQ(call({"verify", folder()}), 2);
  EXPECT_EQ(call({"--help"}), 0);
  EXPECT_EQ(checked({"verify", path("none")}), 66);
  EXPECT_EQ(asks({"show", path("")}), 66);
  EXPECT_EQ(call({"verify", folder(), "--key", "nonsense+1+x"}), 65);
  EXPECT_EQ(call({"verify", folder(), "--key", path("none")}), 66);
  EXPECT_EQ(call({"keygen", "authority.example", "--out", path("key")}), 73);
  EXPECT_EQ(call({"keygen", "a b", "--out", path("other")}), 65);
  EXPECT_EQ(call({"keygen", "--json", "a b", "--out", path("other")}), 65);
  EXPECT_EQ(json().at("error").at("code").as_string(), "key.name");
  EXPECT_EQ(std::filesystem::status(path("key")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SmallLog, SpeaksGermanThroughout) {
  checked({"verify", path("none"), "--lang", "de"});
  EXPECT_EQ(said(), "feierabend-audit: " + path("none") +
                        ": Datei oder Ordner nicht vorhanden; erlaubt: der Ordner eines Protokolls [input.missing]\n");
  call({"verify", folder(), "--lang", "de"});
  EXPECT_EQ(said(), "feierabend-audit: --key fehlt. Rufen Sie auf: feierabend-audit verify --help [call.syntax]\n");
  call({"proof", folder(), "3"}, "de_DE.UTF-8");
  EXPECT_EQ(said(), "feierabend-audit: Eintrag 3; erlaubt: kleiner als 3 [input.entry]\n");
}

TEST_F(Called, HelpAndVersionKnowTheLanguageFirst) {
  call({"--help", "--lang", "de"});
  EXPECT_TRUE(says("Befehle:")) << said();
  call({"--lang=de", "verify", "--help"});
  EXPECT_TRUE(says("Ein ganzes Protokoll prüfen")) << said();
  call({"--version"});
  EXPECT_EQ(said(), std::string("feierabend-audit ") + FEIERABEND_VERSION + "\n");
  EXPECT_EQ(call({"record", "--lang", "fr"}), 2);
}

TEST(Table, NoCommandOrOptionLacksGerman) {
  Manner german, english;
  german.language = Language::kGerman;
  Action chosen;
  const auto de = make_table(german, chosen), en = make_table(english, chosen);
  const auto all = [](CLI::App*) { return true; };
  const auto commands = de->get_subcommands(all);
  EXPECT_GE(commands.size(), 9U);
  EXPECT_NE(de->get_description(), en->get_description());
  EXPECT_NE(de->get_footer(), en->get_footer());
  const auto compare = [](const CLI::App& command, const CLI::App& twin) {
    EXPECT_NE(command.get_description(), twin.get_description()) << command.get_name();
    for (const CLI::Option* option : command.get_options()) {
      EXPECT_FALSE(option->get_description().empty()) << option->get_name();
      EXPECT_NE(option->get_description(), twin.get_option(option->get_name())->get_description())
          << command.get_name() << ' ' << option->get_name();
    }
  };
  for (CLI::App* command : commands) {
    CLI::App* twin = en->get_subcommand(command->get_name());
    compare(*command, *twin);
    for (const CLI::App* member : command->get_subcommands(all))
      compare(*member, *twin->get_subcommand(member->get_name()));
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

TEST_F(Called, PrintsCompletions) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    call({"completions", shell});
    EXPECT_TRUE(says("verify-proof")) << shell;
  }
  call({"completions", "fish", "--lang", "de"});
  EXPECT_TRUE(says("Ein ganzes Protokoll prüfen"));
  EXPECT_EQ(call({"completions", "tcsh"}), 2);
}

}  // namespace
}  // namespace audit::tool
