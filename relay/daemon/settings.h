// The settings of a daemon: declared once in a table, read from flags, the environment and a TOML file, in this order
// of strength; each value knows where it came from. From the same table come --help, `config show` and the completions.
//
// Start-up only; one thread. Errors: settings.unknown-key (with the nearest name), settings.missing, settings.file.
// Secrets are never values: a setting names the file that holds one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"

namespace relay::daemon {

struct Setting {
  std::string name;         // "tls-cert": flag --tls-cert, key tls-cert, variable PREFIX_TLS_CERT
  std::string placeholder;  // "FILE"
  std::string help;
  std::string otherwise = {};  // the default; empty: none
  bool required = false;
  bool many = false;
};

// What else the program does when asked: a subcommand without arguments of its own, under the same settings.
struct Action {
  std::string name;  // "new-groups-key"
  std::string help;
};

struct Value {
  std::vector<std::string> texts;
  std::string origin;  // "flag", "environment FEIERABEND_RELAY_DATA", "file relay.toml", "default"
};

enum class Command { kRun, kConfigShow, kCheckConfig, kAction, kExit };

class Settings {
 public:
  // `variable_prefix`: "FEIERABEND_RELAY".
  Settings(std::string program, std::string description, std::string version, std::string variable_prefix,
           std::vector<Setting> table, std::vector<Action> actions = {});

  // Reads everything. --help, --version and completions print and give kExit with `exit_code` set.
  policy::base::Result<Command> read(int argc, char** argv);
  int exit_code() const { return exit_code_; }
  const std::string& action() const { return action_; }  // its name, after kAction

  const std::string& text(std::string_view name) const;  // the last one given; empty if none
  const std::vector<std::string>& texts(std::string_view name) const;
  bool given(std::string_view name) const { return !text(name).empty(); }
  // Error: settings.number.
  policy::base::Result<std::uint64_t> number(std::string_view name, std::uint64_t min, std::uint64_t max) const;

  std::string show() const;       // a table: name, value, origin
  std::string show_json() const;  // [{"name","value","origin"}]
  std::string completions(std::string_view shell) const;

 private:
  policy::base::Status resolve(const std::map<std::string, std::vector<std::string>>& flags, const std::string& file);
  policy::base::Result<std::map<std::string, std::vector<std::string>>> read_file(const std::string& path) const;
  std::string variable(const Setting& setting) const;

  std::string program_, description_, version_, variable_prefix_;
  std::vector<Setting> table_;
  std::vector<Action> actions_;
  std::string action_;
  std::map<std::string, Value, std::less<>> values_;
  int exit_code_ = 0;
  bool json_ = false;

 public:
  bool json() const { return json_; }
};

}  // namespace relay::daemon
