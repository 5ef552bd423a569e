// The command table of feierabend-policy: names, options, what they fill and which action they choose. Help and
// completions are made from it, in the language of the call.
//
// One file a command. It adds itself with add_…(Table&); options of its own live in a value that its action shares:
//
//   struct Asked { std::string claim; };
//   auto asked = std::make_shared<Asked>();
//   CLI::App& sub = table.command("prove", Word::kProve, [asked](const Context& context) { … });
//   table.option(sub, "--claim", asked->claim, Word::kClaim, "ID");
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "policy/tool/command/command.h"
#include "policy/tool/command/input.h"
#include "policy/tool/command/words.h"

namespace policy::tool {

// What several commands are asked, as the arguments say it.
struct Question {
  std::vector<std::string> packs;
  FactFiles files;
  bool json = false;
  Language language = Language::kEnglish;
  std::string language_option;  // checked by the table; `language` was read before it was built
};

struct Context {
  const Question& question;
  const Streams& streams;
  const base::Clock& clock;
};

// Gives the exit code.
using Action = std::function<int(const Context&)>;

// Refers to `question` and `chosen`: both outlive it and the app that it builds.
class Table {
 public:
  Table(Question& question, Action& chosen);

  CLI::App& command(const char* name, Word description, Action action);
  CLI::Option* option(CLI::App& sub, const char* name, std::string& value, Word description, const char* type);
  // May be given several times.
  CLI::Option* option(CLI::App& sub, const char* name, std::vector<std::string>& values, Word description,
                      const char* type);
  CLI::Option* add_packs(CLI::App& sub);  // --pack FILE…, required
  void add_facts(CLI::App& sub);          // --people, --roster, required; --interruptions, --zone
  void add_json(CLI::App& sub);

  Question& question() { return question_; }
  std::string word(Word name) const { return say(question_.language, name); }
  CLI::App& app() { return *app_; }
  std::unique_ptr<CLI::App> take() { return std::move(app_); }

 private:
  void dress(CLI::App& app);

  Question& question_;
  Action& chosen_;
  std::unique_ptr<CLI::App> app_;
};

// All commands. Help is in question.language.
std::unique_ptr<CLI::App> make_table(Question& question, Action& chosen);

}  // namespace policy::tool
