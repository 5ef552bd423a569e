// `feierabend-audit completions`: made from the command table itself, so that they cannot fall behind it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "audit/tool/command/commands.h"

namespace audit::tool {
namespace {

std::string option_names(const CLI::App& app) {
  std::string names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names += (names.empty() ? "--" : " --") + name;
  return names;
}

// Of a command of commands also their names, and what they take.
std::string words_of(const CLI::App& command) {
  std::string words = option_names(command);
  for (const CLI::App* member : command.get_subcommands({}))
    words += " " + member->get_name() + " " + option_names(*member);
  return words;
}

// For a fish string in single quotes.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return out;
}

std::string bash(const CLI::App& app) {
  std::string cases, commands;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += (commands.empty() ? "" : " ") + command->get_name();
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), words_of(*command));
  }
  return fmt::format(
      "_feierabend_audit() {{\n  local words\n  case \"${{COMP_WORDS[1]}}\" in\n{}    *) words=\"{} {}\" ;;\n  esac\n"
      "  COMPREPLY=($(compgen -f -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n}}\n"
      "complete -o filenames -F _feierabend_audit feierabend-audit\n",
      cases, commands, option_names(app));
}

std::string fish_options(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames())
      out += fmt::format("complete -c feierabend-audit -n '__fish_seen_subcommand_from {}' -l {} -d '{}'\n",
                         command.get_name(), name, quoted(option->get_description()));
  return out;
}

std::string fish(const CLI::App& app) {
  std::string out;
  for (const CLI::App* command : app.get_subcommands({})) {
    for (const CLI::App* member : command->get_subcommands({}))
      out += fmt::format("complete -c feierabend-audit -n '__fish_seen_subcommand_from {}' -a {} -d '{}'\n",
                         command->get_name(), member->get_name(), quoted(member->get_description())) +
             fish_options(*member);
    out += fmt::format("complete -c feierabend-audit -n __fish_use_subcommand -a {} -d '{}'\n", command->get_name(),
                       quoted(command->get_description()));
    out += fish_options(*command);
  }
  return out;
}

// `shell` is bash, zsh or fish.
std::string completions(const CLI::App& app, std::string_view shell) {
  if (shell == "fish") return fish(app);
  return (shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "") + bash(app);
}

}  // namespace

void add_completions(Table& table) {
  auto shell = std::make_shared<std::string>();
  CLI::App& sub = table.command("completions", Word::kCompletions, [app = &table.app(), shell](const Context& context) {
    const std::string script = completions(*app, *shell);
    answer(context, script, boost::json::object{{"script", script}});
    return kDone;
  });
  table.option(sub, "SHELL", *shell, Word::kShell)->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace audit::tool
