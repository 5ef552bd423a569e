#include "clients/cli/command_line.h"

namespace clients::cli {

namespace {

// "listen" to "--for --count --foreground -h --help …": what may follow a command, with the options of every command
// above.
std::string words_after(const CLI::App& app) {
  std::string out;
  const auto add = [&out](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
  for (const CLI::App* sub : app.get_subcommands({})) add(sub->get_name());
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const auto& name : option->get_lnames()) add("--" + name);
  return out;
}

struct Entry {
  std::string path;  // "devices remove"
  const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Entry>& out) {
  for (const CLI::App* sub : app.get_subcommands({})) {
    const std::string below = path.empty() ? sub->get_name() : path + " " + sub->get_name();
    out.push_back({below, sub});
    collect(*sub, below, out);
  }
}

std::string quoted(std::string text) {
  for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 4)) text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

std::string bash(const CLI::App& app, const std::vector<Entry>& entries) {
  std::string out =
      "_feierabend() {\n  local path=\"\" word\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] || path=\"${path:+$path }$word\"\n  done\n  local words\n  case \"$path\" in\n";
  // The longest path first: "devices remove 1a2b" is still "devices remove".
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    out += "    " + quoted(entry->path) + "*) words=" + quoted(words_after(*entry->app)) + " ;;\n";
  return out + "    *) words=" + quoted(words_after(app)) +
         " ;;\n  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default "
         "-F _feierabend feierabend\n";
}

std::string zsh(const CLI::App& app, const std::vector<Entry>& entries) {
  return "#compdef feierabend\nautoload -Uz bashcompinit && bashcompinit\n" + bash(app, entries);
}

std::string fish(const CLI::App& app, const std::vector<Entry>& entries) {
  std::string out = "complete -c feierabend -f\n";
  for (const CLI::Option* option : app.get_options())
    for (const auto& name : option->get_lnames())
      out += "complete -c feierabend -l " + name + " -d " + quoted(option->get_description()) + "\n";
  for (const auto& [path, command] : entries) {
    const auto space = path.rfind(' ');
    const std::string above =
        space == std::string::npos ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + path.substr(0, space);
    out += "complete -c feierabend -n " + quoted(above) + " -a " + command->get_name() + " -d " +
           quoted(command->get_description()) + "\n";
    for (const CLI::Option* option : command->get_options())
      for (const auto& name : option->get_lnames())
        out += "complete -c feierabend -n " + quoted("__fish_seen_subcommand_from " + command->get_name()) + " -l " +
               name + " -d " + quoted(option->get_description()) + "\n";
  }
  return out;
}

}  // namespace

base::Result<std::string> completions(const CLI::App& app, const std::string& shell) {
  std::vector<Entry> entries;
  collect(app, "", entries);
  if (shell == "bash") return bash(app, entries);
  if (shell == "zsh") return zsh(app, entries);
  if (shell == "fish") return fish(app, entries);
  return base::fail("call.shell", "shell '" + base::printable(shell) + "'", "bash, zsh, fish");
}

}  // namespace clients::cli
