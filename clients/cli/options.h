// What the command line said: filled once by command_line.cc, read by one command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "clients/terminal/words.h"

namespace clients::cli {

struct Options {
  // for every command
  std::filesystem::path home;
  bool json = false;
  terminal::Language language = terminal::Language::kEnglish;
  std::string pin_file;

  // login, enrol
  std::string server, ca_file, user, password_file, code, totp_secret_file, device_name;
  std::string device_kind = "desktop";

  // messages
  std::vector<std::string> words;  // send: people and text; chat: people
  std::string conversation, message, person, text, reason, expire, stop_after;
  std::string message_class = "routine";
  std::string timeout = "30s";
  std::string label;
  bool wait = false, foreground = false, send_anyway = false;
  std::size_t count = 0, limit = 50;

  // override, gate
  std::string rule, open_for;
  std::vector<std::string> people;

  // devices, admin, pin, completions
  std::string device, wipe_reason, new_pin_file, shell;
  bool yes = false, confirm = false;
};

}  // namespace clients::cli
