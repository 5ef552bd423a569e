// The command table: names, options and words of every command in one place, in the chosen language. Help, completions
// and dispatch come from it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "clients/cli/commands.h"

namespace clients::cli {

using Command = Outcome (*)(const Options&, Screen&, Machine&);

struct CommandLine {
  std::unique_ptr<CLI::App> app;
  Options options;
  std::string language_option;  // already heeded by the caller: the table is built in that language
  Command chosen = nullptr;     // set by parsing
};

std::unique_ptr<CommandLine> make_command_line(Language language);

// A completion script for "bash", "zsh" or "fish". Error: call.shell.
base::Result<std::string> completions(const CLI::App& app, const std::string& shell);

}  // namespace clients::cli
