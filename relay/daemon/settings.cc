#include "relay/daemon/settings.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace relay::daemon {
namespace {

using policy::base::fail;
using policy::base::printable;
using policy::base::Result;
using policy::base::Status;

constexpr int kUsage = 2;

// Levenshtein; names are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

std::string nearest(std::string_view name, const std::vector<Setting>& table) {
  const auto best = std::ranges::min_element(table, {}, [&](const Setting& one) { return distance(name, one.name); });
  return best == table.end() || distance(name, best->name) > 4 ? "see --help" : "did you mean '" + best->name + "'?";
}

}  // namespace

Settings::Settings(std::string program, std::string description, std::string version, std::string variable_prefix,
                   std::vector<Setting> table, std::vector<Action> actions)
    : program_(std::move(program)),
      description_(std::move(description)),
      version_(std::move(version)),
      variable_prefix_(std::move(variable_prefix)),
      table_(std::move(table)),
      actions_(std::move(actions)) {}

std::string Settings::variable(const Setting& setting) const {
  std::string out = variable_prefix_ + "_" + setting.name;
  std::ranges::transform(out, out.begin(), [](char c) {
    return c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

Result<Command> Settings::read(int argc, char** argv) {
  CLI::App app{description_, program_};
  app.set_version_flag("--version", program_ + " " + version_);
  std::string file, shell;
  app.add_option("--config", file, "read settings from this TOML file; flags and environment are stronger")
      ->type_name("FILE");
  std::map<std::string, std::vector<std::string>> flags;
  for (const auto& setting : table_) {
    std::string help = setting.help + fmt::format(" [{}]", variable(setting));
    if (!setting.otherwise.empty()) help += " (default: " + setting.otherwise + ")";
    auto* const option = app.add_option("--" + setting.name, flags[setting.name], help)->type_name(setting.placeholder);
    if (!setting.many) option->expected(1)->take_last();
  }
  auto* const config = app.add_subcommand("config", "show the settings in force and where each comes from");
  auto* const show_command = config->add_subcommand("show", "print name, value and origin of every setting");
  show_command->add_flag("--json", json_, "as JSON");
  config->require_subcommand(1);
  auto* const check = app.add_subcommand("check-config", "read and check all settings, then exit");
  for (const auto& [name, help] : actions_) app.add_subcommand(name, help)->callback([this, &name] { action_ = name; });
  auto* const completions_command = app.add_subcommand("completions", "print a completion script for your shell");
  completions_command->add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done, 2 usage, 66 a file is missing, 69 something needed is unavailable, 73 a file cannot be "
      "made, 78 configuration.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code_ = app.exit(error) == 0 ? 0 : kUsage;
    return Command::kExit;
  }
  if (completions_command->parsed()) {
    std::fputs(completions(shell).c_str(), stdout);
    return Command::kExit;
  }
  std::erase_if(flags, [](const auto& one) { return one.second.empty(); });
  if (auto status = resolve(flags, file); !status) return std::unexpected(status.error());
  if (!action_.empty()) return Command::kAction;
  return show_command->parsed() ? Command::kConfigShow : check->parsed() ? Command::kCheckConfig : Command::kRun;
}

Result<std::map<std::string, std::vector<std::string>>> Settings::read_file(const std::string& path) const {
  std::map<std::string, std::vector<std::string>> out;
  if (path.empty()) return out;
  std::ifstream in(path);
  if (!in)
    return fail("settings.file", "configuration file '" + printable(path) + "' cannot be read", "a TOML file",
                "check the path and the rights", path);
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(in);
  } catch (const CLI::Error& error) {
    return fail("settings.file", std::string("configuration file: ") + error.what(), "key = \"value\" lines", "", path);
  }
  for (const auto& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of sections
    const bool known = item.parents.empty() && std::ranges::find(table_, item.name, &Setting::name) != table_.end();
    if (!known)
      return fail("settings.unknown-key", "key '" + printable(item.fullname()) + "'", "the settings of " + program_,
                  nearest(item.name, table_), path);
    out[item.name] = item.inputs;
  }
  return out;
}

Status Settings::resolve(const std::map<std::string, std::vector<std::string>>& flags, const std::string& file) {
  auto from_file = read_file(file);
  if (!from_file) return std::unexpected(from_file.error());
  for (const auto& setting : table_) {
    const std::string name = variable(setting);
    const char* const from_environment = std::getenv(name.c_str());
    Value value;
    if (const auto flag = flags.find(setting.name); flag != flags.end()) {
      value = {flag->second, "flag"};
    } else if (from_environment != nullptr) {
      value = {{from_environment}, "environment " + name};
    } else if (const auto item = from_file->find(setting.name); item != from_file->end()) {
      value = {item->second, "file " + file};
    } else if (!setting.otherwise.empty()) {
      value = {{setting.otherwise}, "default"};
    }
    if (value.texts.empty() && setting.required) {
      return fail("settings.missing", "no value for '" + setting.name + "'", setting.help,
                  "give --" + setting.name + " " + setting.placeholder + ", set " + name +
                      " or write it into the file of --config");
    }
    values_.insert_or_assign(setting.name, std::move(value));
  }
  return {};
}

const std::vector<std::string>& Settings::texts(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second.texts;
}

const std::string& Settings::text(std::string_view name) const {
  static const std::string kNone;
  const auto& all = texts(name);
  return all.empty() ? kNone : all.back();
}

Result<std::uint64_t> Settings::number(std::string_view name, std::uint64_t min, std::uint64_t max) const {
  const std::string& given = text(name);
  std::uint64_t out = 0;
  const char* const end = given.data() + given.size();
  const auto parsed = std::from_chars(given.data(), end, out);
  if (parsed.ec != std::errc{} || parsed.ptr != end || out < min || out > max) {
    return fail("settings.number", std::string(name) + " = '" + printable(given) + "'",
                fmt::format("a whole number from {} to {}", min, max));
  }
  return out;
}

std::string Settings::show() const {
  std::string out;
  for (const auto& setting : table_) {
    const auto& value = values_.at(setting.name);
    std::string texts;
    for (const auto& one : value.texts) texts += (texts.empty() ? "" : ", ") + one;
    out += fmt::format("{:<24} {:<48} {}\n", setting.name, texts.empty() ? "(none)" : texts, value.origin);
  }
  return out;
}

std::string Settings::show_json() const {
  boost::json::array out;
  for (const auto& setting : table_) {
    const auto& value = values_.at(setting.name);
    boost::json::array texts;
    for (const auto& one : value.texts) texts.emplace_back(one);
    out.push_back({{"name", setting.name}, {"value", texts}, {"origin", value.origin}});
  }
  return boost::json::serialize(out) + "\n";
}

std::string Settings::completions(std::string_view shell) const {
  std::string commands = "config check-config completions";
  for (const auto& action : actions_) commands += " " + action.name;
  std::string words = commands + " --help --version --config";
  for (const auto& setting : table_) words += " --" + setting.name;
  if (shell == "bash") return fmt::format("complete -o default -W \"{}\" {}\n", words, program_);
  if (shell == "zsh") return fmt::format("#compdef {}\n_arguments '*:word:({})'\n", program_, words);
  std::string out;
  for (const auto& setting : table_) {
    std::string help = setting.help;
    std::erase(help, '\'');
    out += fmt::format("complete -c {} -l {} -r -d '{}'\n", program_, setting.name, help);
  }
  return out + fmt::format("complete -c {} -a '{}'\n", program_, commands);
}

}  // namespace relay::daemon
