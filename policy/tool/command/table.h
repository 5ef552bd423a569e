// The command table of feierabend-policy: names, options, what they fill and which action they choose. Help and
// completions are made from it, in the language of the call.
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

// What the commands are asked, as the arguments say it.
struct Question {
  std::vector<std::string> packs;
  FactFiles files;
  std::string person;
  std::string message_class = "routine";
  std::string at, from, to;
  std::string shell;
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

struct Actions {
  int (*check)(const Context&);
  int (*decide)(const Context&);
  int (*explain)(const Context&);
  int (*timeline)(const Context&);
  int (*test)(const Context&);
};

// The table refers to `question` and `chosen`: both outlive it. Help is in question.language.
std::unique_ptr<CLI::App> make_table(Question& question, const Actions& actions, Action& chosen);

}  // namespace policy::tool
