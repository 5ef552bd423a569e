// How the tool speaks: text for people, JSON for programs, and the exit code that both come with.
//
// Exit codes: 0 done · 2 usage · 65 the log or the proof is not good, or the input is not what it should be · 66 input
// missing · 73 output cannot be created · 74 reading or writing failed.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "audit/event/vocabulary.h"
#include "audit/tool/words.h"
#include "policy/base/result.h"

namespace audit::tool {

constexpr int kDone = 0;
constexpr int kUsage = 2;
constexpr int kDataError = 65;
constexpr int kNoInput = 66;
constexpr int kCannotCreate = 73;
constexpr int kIoError = 74;

struct Manner {
  bool json = false;
  Language language = Language::kEnglish;

  template <typename... Args>
  std::string say(Word word, const Args&... args) const {
    return tool::say(language, word, args...);
  }
  event::Language events() const {
    return language == Language::kGerman ? event::Language::kGerman : event::Language::kEnglish;
  }
};

boost::json::object to_json(const policy::base::Error& error);

// One line to standard output, text or JSON.
void say(const Manner& manner, const std::string& text, const boost::json::value& json);
// To standard error in the language of the call (as JSON to standard output with --json); gives `code` back.
int refuse(const Manner& manner, const policy::base::Error& error, int code);

// The whole file. Errors: input.missing, input.size, input.io.
policy::base::Result<std::string> read_input(const std::string& path);
// A new file, readable by its owner only if `secret`; never over an existing one. Error: output.exists, output.io.
policy::base::Status write_new(const std::string& path, std::string_view content, bool secret);

// The exit code that belongs to an error's code.
int exit_code_of(const policy::base::Error& error);

}  // namespace audit::tool
