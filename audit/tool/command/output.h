// How the tool speaks: text for people, JSON for programs, and the exit code that both come with.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "audit/event/vocabulary.h"
#include "audit/tool/command/command.h"
#include "audit/tool/command/words.h"
#include "policy/base/result.h"

namespace audit::tool {

struct Manner {
  bool json = false;
  Language language = Language::kEnglish;
  std::string language_option;  // checked by the table; `language` was read before it was built

  template <typename... Args>
  std::string say(Word word, const Args&... args) const {
    return tool::say(language, word, args...);
  }
  event::Language events() const {
    return language == Language::kGerman ? event::Language::kGerman : event::Language::kEnglish;
  }
};

struct Context {
  const Manner& manner;
  const Streams& streams;
  const World& world;

  template <typename... Args>
  std::string say(Word word, const Args&... args) const {
    return manner.say(word, args...);
  }
};

boost::json::object to_json(const policy::base::Error& error);

// One line to `out`, text or JSON.
void answer(const Context& context, std::string_view text, const boost::json::value& json);
// To `err` in the language of the call (as JSON to `out` with --json); gives the exit code back.
int refuse(const Context& context, const policy::base::Error& error, int code);
int refuse(const Context& context, const policy::base::Error& error);  // the code that belongs to the error's

constexpr std::size_t kInputBytesMax = 1024UL * 1024;
// The whole file. Errors: input.missing, input.size, input.io.
policy::base::Result<std::string> read_input(const std::string& path, std::size_t size_max = kInputBytesMax);
// A new file, readable by its owner only if `secret`; never over an existing one. Error: output.exists, output.io.
policy::base::Status write_new(const std::string& path, std::string_view content, bool secret);
// In place of what is there, as a whole: written beside it, synchronised, renamed. Error: output.io.
policy::base::Status replace_file(const std::string& path, std::string_view content);

// The exit code that belongs to an error's code.
int exit_code_of(const policy::base::Error& error);

}  // namespace audit::tool
