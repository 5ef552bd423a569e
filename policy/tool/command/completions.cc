// `feierabend-policy completions`: made from the command table itself, so that they cannot fall behind it.
#include <CLI/CLI.hpp>
#include <ostream>
#include <vector>

#include "policy/tool/command/commands.h"

namespace policy::tool {
namespace {

struct Entry {
  std::string name;
  std::string description;
};

struct Command {
  Entry word;
  std::vector<Entry> options;
};

// Quoted for a shell in single quotes, on one line.
std::string quoted(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '\n')
      out += ' ';
    else
      out += c;
  }
  return "'" + out + "'";
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    Command command{{sub->get_name(), sub->get_description()}, {}};
    for (const CLI::Option* option : sub->get_options())
      for (const std::string& name : option->get_lnames())
        command.options.push_back({"--" + name, option->get_description()});
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string names(const std::vector<Entry>& words) {
  std::string out;
  for (const Entry& word : words) out += (out.empty() ? "" : " ") + word.name;
  return out;
}

std::string bash(const std::string& program, const std::vector<Command>& commands) {
  std::vector<Entry> first;
  for (const Command& command : commands) first.push_back(command.word);
  std::string out =
      "_feierabend_policy() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" words\n  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& command : commands)
    out += "    " + command.word.name + ") words=\"" + names(command.options) + "\" ;;\n";
  out += "    *) words=\"" + names(first) + " --help --version\" ;;\n  esac\n";
  out += "  if [ \"$COMP_CWORD\" -eq 1 ]; then words=\"" + names(first) + " --help --version\"; fi\n";
  out += "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\"))\n}\n";
  return out + "complete -o filenames -F _feierabend_policy " + program + "\n";
}

std::string zsh(const std::string& program, const std::vector<Command>& commands) {
  std::string out = "#compdef " + program + "\n_feierabend_policy() {\n  local -a commands options\n  commands=(\n";
  const auto entry = [](const Entry& word) { return "    " + quoted(word.name + ":" + word.description) + "\n"; };
  for (const Command& command : commands) out += entry(command.word);
  out += "  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  case $words[2] in\n";
  for (const Command& command : commands) {
    out += "  " + command.word.name + ") options=(\n";
    for (const Entry& option : command.options) out += entry(option);
    out += "  ) ;;\n";
  }
  return out + "  esac\n  _describe option options\n  _files\n}\n_feierabend_policy \"$@\"\n";
}

std::string fish(const std::string& program, const std::vector<Command>& commands) {
  std::string out;
  for (const Command& command : commands) {
    out += "complete -c " + program + " -n __fish_use_subcommand -a " + command.word.name + " -d " +
           quoted(command.word.description) + "\n";
    for (const Entry& option : command.options)
      out += "complete -c " + program + " -n '__fish_seen_subcommand_from " + command.word.name + "' -l " +
             option.name.substr(2) + " -d " + quoted(option.description) + "\n";
  }
  return out;
}

// `shell` is bash, zsh or fish.
std::string completions(const CLI::App& app, std::string_view shell) {
  const std::vector<Command> commands = commands_of(app);
  if (shell == "zsh") return zsh(app.get_name(), commands);
  return shell == "fish" ? fish(app.get_name(), commands) : bash(app.get_name(), commands);
}

}  // namespace

void add_completions(Table& table) {
  auto shell = std::make_shared<std::string>();
  CLI::App& sub = table.command("completions", Word::kCompletions, [app = &table.app(), shell](const Context& context) {
    context.streams.out << completions(*app, *shell);
    return kDone;
  });
  sub.add_option("SHELL", *shell, table.word(Word::kShell))->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace policy::tool
