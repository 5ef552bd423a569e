// feierabend: reads the command line, builds the one command that was asked for, turns its outcome into an exit code.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "clients/cli/command_line.h"
#include "relay/wire/codec.h"

namespace {

using namespace clients::cli;
namespace terminal = clients::terminal;

// Known before parsing, because help is written in it.
Language language_of_call(int argc, char** argv) {
  std::string wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--lang" && i + 1 < argc) wanted = argv[i + 1];
    if (word.starts_with("--lang=")) wanted = word.substr(7);
  }
  std::string environment;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); environment.empty() && value != nullptr) environment = value;
  return terminal::language_of(wanted, environment);
}

bool has_word(int argc, char** argv, std::string_view word) {
  return std::any_of(argv + 1, argv + argc, [word](const char* one) { return one == word; });
}

// What the parser could not place says more than its own words; the remedy names the command that was meant.
base::Error call_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto left = app.remaining(true);
  std::string command = "feierabend ";
  const CLI::App* at = &app;
  for (auto below = at->get_subcommands(); !below.empty(); below = at->get_subcommands()) {
    at = below.front();
    command += at->get_name() + " ";
  }
  const std::string seen =
      left.empty() ? base::printable(error.what(), 400) : "'" + base::printable(left.front()) + "'";
  return {"call.syntax", seen, "", command + "--help", ""};
}

std::filesystem::path default_home() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') return std::filesystem::path(data) / "feierabend";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "." : home) / ".local/share/feierabend";
}

// `feierabend policy …` runs feierabend-policy: the one beside this program, else the one on the PATH. Returns only on
// failure.
int run_tool(const std::string& name, std::vector<std::string> arguments, Screen& screen) {
  std::vector<char*> words;
  arguments.insert(arguments.begin(), name);
  for (auto& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  std::error_code ignored;
  const auto beside = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / name;
  if (std::filesystem::exists(beside, ignored)) ::execv(beside.c_str(), words.data());
  ::execvp(name.c_str(), words.data());
  const base::Error error{"tool.absent", name + " cannot be run: " + std::strerror(errno), "",
                          "install it beside feierabend", ""};
  screen.error(error);
  return terminal::exit_code_of(error.code);
}

int run(CommandLine& line, Screen& screen) {
  for (const char* const tool : {"policy", "audit"})
    if (line.app->got_subcommand(tool))
      return run_tool(std::string("feierabend-") + tool, line.app->get_subcommand(tool)->remaining(), screen);
  if (line.app->got_subcommand("completions")) {
    auto script = completions(*line.app, line.options.shell);
    if (script) {
      std::cout << *script;
      return terminal::kDone;
    }
    screen.error(script.error());
    return terminal::exit_code_of(script.error().code);
  }
  Machine machine;
  (void)interrupted();
  const auto outcome = line.chosen(line.options, screen, machine);
  if (outcome) return *outcome;
  screen.error(outcome.error());
  return terminal::exit_code_of(outcome.error().code);
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  relay::wire::silence_protobuf();
  const Language language = language_of_call(argc, argv);
  // The tools parse their own words, --help and --json among them: nothing of theirs is read here.
  const std::string first = argc > 1 ? argv[1] : "";
  if (first == "policy" || first == "audit") {
    Screen screen(language, false);
    return run_tool("feierabend-" + first, {argv + 2, argv + argc}, screen);
  }
  auto line = make_command_line(language);
  try {
    line->app->parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return line->app->exit(asked);  // help and version
  } catch (const CLI::ParseError& error) {
    Screen(language, has_word(argc, argv, "--json")).error(call_error(*line->app, error));
    return terminal::kUsage;
  }
  if (line->options.home.empty()) line->options.home = default_home();
  Screen screen(language, line->options.json);
  return run(*line, screen);
}
