// The command table of feierabend-audit: names, options, what they fill and which action they choose. Help and
// completions are made from it, in the language of the call.
//
// One file a command. It adds itself with add_…(Table&); its options live in a value that its action shares:
//
//   struct Asked { std::string folder; std::uint64_t entry = 0; };
//   auto asked = std::make_shared<Asked>();
//   CLI::App& sub = table.command("proof", Word::kProof, [asked](const Context& context) { … });
//   table.folder(sub, asked->folder);
//   table.option(sub, "ENTRY", asked->entry, Word::kEntry)->required();
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "audit/tool/command/output.h"
#include "audit/tool/command/words.h"

namespace audit::tool {

// Gives the exit code.
using Action = std::function<int(const Context&)>;

// Refers to `manner` and `chosen`: both outlive it and the app that it builds.
class Table {
 public:
  Table(Manner& manner, Action& chosen);

  // Every command takes --json.
  CLI::App& command(const char* name, Word description, Action action) {
    return command(*app_, name, description, std::move(action));
  }
  // A command of commands, as "witness", and one of them.
  CLI::App& family(const char* name, Word description);
  CLI::App& command(CLI::App& parent, const char* name, Word description, Action action);
  // Text, numbers, optional ones of both, and lists, which may be given several times.
  template <typename Value>
  CLI::Option* option(CLI::App& sub, const char* name, Value& value, Word description) {
    return sub.add_option(name, value, word(description))->allow_extra_args(false);
  }
  CLI::Option* flag(CLI::App& sub, const char* name, bool& value, Word description) {
    return sub.add_flag(name, value, word(description));
  }
  CLI::Option* folder(CLI::App& sub, std::string& value);             // FOLDER, required
  CLI::Option* key(CLI::App& sub, std::string& value, Word meaning);  // --key

  std::string word(Word name) const { return manner_.say(name); }
  CLI::App& app() { return *app_; }
  std::unique_ptr<CLI::App> take() { return std::move(app_); }

 private:
  void dress(CLI::App& app);

  Manner& manner_;
  Action& chosen_;
  std::unique_ptr<CLI::App> app_;
};

// All commands. Help is in manner.language.
std::unique_ptr<CLI::App> make_table(Manner& manner, Action& chosen);

}  // namespace audit::tool
