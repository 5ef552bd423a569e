// The real program, as an officer calls it.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "audit/log/log.h"
#include "audit/pseudonym/pseudonym.h"
#include "audit/store/folder.h"
#include "audit/tool/command_line.h"

namespace audit::tool {
namespace {

namespace json = boost::json;

class FixedClock final : public policy::base::Clock {
 public:
  policy::base::Instant now() const override { return {1795424400}; }
  std::int64_t now_ms() const override { return 1795424400000; }
  std::int64_t elapsed_ms() const override { return 0; }
};

struct Outcome {
  int code = -1;
  std::string out;
};

Outcome run(const std::string& arguments) {
  const std::string command = std::string(AUDIT_TOOL) + " " + arguments + " 2>&1";
  Outcome outcome;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.out.append(buffer.data(), size);
  outcome.code = WEXITSTATUS(::pclose(pipe));
  return outcome;
}

class Tool : public testing::Test {
 protected:
  Tool() {
    std::string name = (std::filesystem::temp_directory_path() / "audit-tool-XXXXXX").string();
    base_ = ::mkdtemp(name.data());
    const Outcome made = run("keygen authority.example/audit/2026 --out " + base_ + "/key");
    EXPECT_EQ(made.code, 0) << made.out;
    verifier_ = made.out.substr(0, made.out.size() - 1);
    std::ifstream in(base_ + "/key");
    std::string text;
    std::getline(in, text);
    fill(checkpoint::SigningKey::parse(text).value());
  }
  ~Tool() override { std::filesystem::remove_all(base_); }

  void fill(const checkpoint::SigningKey& key) {
    const FixedClock clock;
    policy::base::SystemRandom random;
    const auto lock = store::FolderLock::open(folder()).value();
    const auto objects = store::FolderObjects::open(folder()).value();
    const auto log = log::Log::open({*objects, *lock, clock, random}, key).value();
    (void)log->append(event::ServiceStarted{}).value();
    (void)log->append(event::LoginRefused{{event::Pseudonym{{0xAA}}}, event::LoginRefusal::kWrongSecondFactor}).value();
    (void)log->append(event::ServiceStopped{}).value();
    ASSERT_TRUE(log->erase(log::Index{0}));
  }
  std::string folder() const { return base_ + "/2026"; }
  std::string with_key() const { return " --key '" + verifier_ + "'"; }
  void flip(const std::string& file) {
    std::fstream io(base_ + "/" + file, std::ios::in | std::ios::out | std::ios::binary);
    io.seekg(40);
    const char byte = static_cast<char>(io.get() ^ 1);
    io.seekp(40);
    io.put(byte);
  }

  std::string base_, verifier_;
};

TEST_F(Tool, VerifiesAGoodLog) {
  const Outcome english = run("verify " + folder() + with_key() + " --lang en");
  EXPECT_EQ(english.code, 0) << english.out;
  EXPECT_NE(english.out.find("Good: authority.example/audit/2026: 3 entries, 2 records read, 1 erased"),
            std::string::npos)
      << english.out;
  EXPECT_NE(run("verify " + folder() + with_key() + " --lang de").out.find("In Ordnung"), std::string::npos);
  std::filesystem::copy_file(folder() + "/checkpoint", base_ + "/seen");
  EXPECT_EQ(run("verify " + folder() + with_key() + " --since " + base_ + "/seen").code, 0);
  flip("seen");
  EXPECT_EQ(run("verify " + folder() + with_key() + " --since " + base_ + "/seen").code, 65);
  EXPECT_EQ(run("verify " + folder() + " --key ''").code, 2);
  const auto report = json::parse(run("verify --json " + folder() + with_key()).out).as_object();
  EXPECT_TRUE(report.at("good").as_bool());
  EXPECT_EQ(report.at("size").to_number<int>(), 3);
  EXPECT_EQ(report.at("findings").as_array().size(), 0U);
}

TEST_F(Tool, NamesTheEntryThatIsWrong) {
  flip("2026/side/keys/000");
  const Outcome outcome = run("verify " + folder() + with_key() + " --lang en");
  EXPECT_EQ(outcome.code, 65);
  EXPECT_NE(outcome.out.find("WRONG: entry 1: "), std::string::npos) << outcome.out;
  const auto report = json::parse(run("verify --json " + folder() + with_key()).out).as_object();
  EXPECT_FALSE(report.at("good").as_bool());
  EXPECT_EQ(report.at("findings").at(0).at("entry").to_number<int>(), 1);
}

TEST_F(Tool, ShowsRecordsInWords) {
  const std::string german = run("show " + folder() + with_key() + " --lang de").out;
  EXPECT_NE(
      german.find("Anmeldung abgelehnt  Person: aa000000000000000000000000000000; Grund: falscher zweiter Faktor"),
      std::string::npos)
      << german;
  EXPECT_NE(german.find("Datensatz gelöscht"), std::string::npos) << german;
  EXPECT_NE(german.find("belegt"), std::string::npos) << german;
  const auto all = json::parse(run("show --json " + folder()).out).as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("state").as_string(), "erased");
  EXPECT_EQ(all[1].at("fields").at("reason").as_string(), "wrong-second-factor");
  EXPECT_EQ(all[1].at("at").as_string(), "2026-11-23T09:00:00Z");
  EXPECT_EQ(json::parse(run("show --json --type login-refused " + folder()).out).as_array().size(), 1U);
  EXPECT_EQ(json::parse(run("show --json --from 1 --count 1 " + folder()).out).as_array().size(), 1U);
  EXPECT_EQ(json::parse(run("show --json --from 9 " + folder()).out).as_array().size(), 0U);
  EXPECT_EQ(run("show --type nonsense " + folder()).code, 2);
}

TEST_F(Tool, ProvesOneEntryWithoutTheLog) {
  const std::string file = base_ + "/one.tlog-proof";
  EXPECT_EQ(run("proof " + folder() + " 1 --out " + file).code, 0);
  EXPECT_EQ(run("proof " + folder() + " 1 --out " + file).code, 73) << "never overwrites";
  EXPECT_EQ(run("proof " + folder() + " 3").code, 65);
  const Outcome good = run("verify-proof " + file + with_key() + " --lang en");
  EXPECT_EQ(good.code, 0);
  EXPECT_NE(good.out.find("#1 login refused"), std::string::npos) << good.out;
  flip("one.tlog-proof");
  EXPECT_EQ(run("verify-proof " + file + with_key()).code, 65);
}

// What both parties open together is the key under which the gateway committed to facts; one of them twice opens
// nothing.
TEST_F(Tool, BothPartiesOpenTheKeyToFacts) {
  const auto public_half = [&](const std::string& name) {
    const Outcome made = run("party-key --out " + base_ + "/" + name);
    pseudonym::PublicKey key{};
    std::ranges::copy(policy::base::from_hex(made.out.substr(0, 64)).value(), key.begin());
    return key;
  };
  policy::base::SystemRandom random;
  const auto month = pseudonym::EpochKey::generate({24323}, random);
  const auto sealed = pseudonym::seal(month, {public_half("officer"), public_half("council")}, random).value();
  std::ofstream(base_ + "/month.sealed") << pseudonym::format_sealed(sealed);
  const auto open = [&](const std::string& officer, const std::string& council, const std::string& out) {
    return run("input-key " + base_ + "/month.sealed --officer " + base_ + "/" + officer + " --council " + base_ + "/" +
               council + " --out " + base_ + "/" + out)
        .code;
  };
  EXPECT_EQ(open("officer", "council", "input"), 0);
  std::ifstream in(base_ + "/input");
  std::string text;
  std::getline(in, text);
  EXPECT_EQ(text, policy::base::to_hex(month.input_key()));
  EXPECT_EQ(std::filesystem::status(base_ + "/input").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(open("officer", "council", "input"), 73);  // never over another file
  EXPECT_EQ(open("officer", "officer", "none"), 65);
  EXPECT_EQ(open("council", "officer", "none"), 65);
  EXPECT_EQ(open("key", "council", "none"), 65);
  EXPECT_FALSE(std::filesystem::exists(base_ + "/none"));
}

TEST_F(Tool, RefusesWithTheRightExitCode) {
  EXPECT_EQ(run("").code, 2);
  EXPECT_EQ(run("verify " + folder()).code, 2);
  EXPECT_EQ(run("--help").code, 0);
  EXPECT_EQ(run("verify " + base_ + "/none" + with_key()).code, 66);
  EXPECT_EQ(run("show " + base_ + with_key()).code, 66);
  EXPECT_EQ(run("verify " + folder() + " --key nonsense+1+x").code, 65);
  EXPECT_EQ(run("verify " + folder() + " --key " + base_ + "/none").code, 66);
  EXPECT_EQ(run("keygen authority.example --out " + base_ + "/key").code, 73);
  EXPECT_EQ(run("keygen 'a b' --out " + base_ + "/other").code, 65);
  const auto error = json::parse(run("keygen --json 'a b' --out " + base_ + "/other").out).as_object();
  EXPECT_EQ(error.at("error").at("code").as_string(), "key.name");
  EXPECT_EQ(std::filesystem::status(base_ + "/key").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Tool, SpeaksGermanThroughout) {
  const auto german = [](const std::string& arguments) { return run(arguments + " --lang de").out; };
  EXPECT_EQ(german("verify " + base_ + "/none" + with_key()),
            "feierabend-audit: " + base_ +
                "/none: Datei oder Ordner nicht vorhanden; erlaubt: der Ordner eines Protokolls "
                "[input.missing]\n");
  EXPECT_EQ(german("verify " + folder()),
            "feierabend-audit: --key fehlt. Rufen Sie auf: feierabend-audit verify --help [call.syntax]\n");
  EXPECT_EQ(german("proof " + folder() + " 3"), "feierabend-audit: Eintrag 3; erlaubt: kleiner als 3 [input.entry]\n");
  flip("2026/side/keys/000");
  EXPECT_NE(
      german("verify " + folder() + with_key())
          .find("FALSCH: Eintrag 1: Ein Datensatz wurde verändert: Schlüssel und Inhalt, die nicht zu diesem Eintrag "
                "gehören; erlaubt: die des Eintrags selbst [event.ciphertext] (side/records/000) [record.altered]"),
      std::string::npos)
      << german("verify " + folder() + with_key());
  std::ofstream(folder() + "/fremd") << "x";
  EXPECT_NE(
      german("verify " + folder() + with_key()).find("FALSCH: eine Datei, die nicht zu einem Protokoll gehört (fremd)"),
      std::string::npos);
  EXPECT_NE(german("show " + folder()).find("(Der Datensatz lässt sich nicht öffnen [event.ciphertext])"),
            std::string::npos)
      << german("show " + folder());
}

TEST_F(Tool, HelpAndVersionKnowTheLanguageFirst) {
  EXPECT_NE(run("--help --lang de").out.find("Befehle:"), std::string::npos);
  EXPECT_NE(run("--lang=de verify --help").out.find("Ein ganzes Protokoll prüfen"), std::string::npos);
  EXPECT_EQ(run("--version").out, std::string("feierabend-audit ") + FEIERABEND_VERSION + "\n");
  EXPECT_EQ(run("record --lang fr").code, 2);
}

TEST(Table, NoCommandOrOptionLacksGerman) {
  Arguments german, english;
  german.language = Language::kGerman;
  const auto de = make_table(german), en = make_table(english);
  const auto commands = de->get_subcommands([](CLI::App*) { return true; });
  EXPECT_EQ(commands.size(), 9U);
  EXPECT_NE(de->get_description(), en->get_description());
  EXPECT_NE(de->get_footer(), en->get_footer());
  for (CLI::App* command : commands) {
    CLI::App* twin = en->get_subcommand(command->get_name());
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

TEST_F(Tool, PrintsRecordAndCompletions) {
  EXPECT_NE(run("record --lang de").out.find("Rechtsgrundlage"), std::string::npos);
  EXPECT_GT(json::parse(run("record --json").out).as_array().size(), 15U);
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_NE(run(std::string("completions ") + shell).out.find("verify-proof"), std::string::npos) << shell;
  EXPECT_NE(run("completions fish --lang de").out.find("Ein ganzes Protokoll prüfen"), std::string::npos);
  EXPECT_EQ(run("completions tcsh").code, 2);
}

}  // namespace
}  // namespace audit::tool
