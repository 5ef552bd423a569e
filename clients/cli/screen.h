// The terminal of one command: results on stdout (text or one JSON object a line), errors, prompts and progress on
// stderr.
//
// Escapes nothing by itself: callers pass untrusted text through printable() or shown(). Colour only on a terminal and
// without NO_COLOR. One thread but for Progress. Errors of prompts: call.no-terminal, call.empty, file.read.
#pragma once

#include <boost/json.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "clients/cli/options.h"
#include "clients/store/store.h"
#include "policy/base/instant.h"
#include "policy/base/result.h"

namespace clients::cli {

namespace base = policy::base;
using terminal::Language;
using terminal::Word;

class Screen {
 public:
  Screen(Language language, bool json);

  template <typename... Args>
  std::string say(Word word, const Args&... args) const {
    return terminal::say(language_, word, args...);
  }
  Language language() const { return language_; }
  bool json() const { return json_; }
  bool interactive() const { return interactive_; }  // stdin and stdout are a terminal

  // A result. JSON mode prints the object, text mode the line; both flush.
  void put(const std::string& line, const boost::json::object& object);
  void line(const std::string& text);                    // text mode only
  void note(const std::string& text) const;              // stderr, in both modes
  void error(const base::Error& error) const;            // what was seen, what is allowed, what to do, code
  base::Error in_words(const base::Error& error) const;  // its sentences in the language of the call; never for JSON
  std::string line_of(const base::Error& error) const;   // the same in one line
  std::string bold(const std::string& text) const;
  std::string dim(const std::string& text) const;

  // From `file` (its first line) when given, else typed; without echo when `secret`.
  base::Result<std::string> ask(const std::string& prompt, const std::string& file, const std::string& option,
                                bool secret);

 private:
  Language language_;
  bool json_, interactive_, colour_;
};

// Says on stderr what is being waited for, once a second has passed, and not at all when it ends before.
class Progress {
 public:
  Progress(const Screen& screen, std::string text);
  ~Progress();
  Progress(const Progress&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;  // guarded by mutex_
  std::thread thread_;
};

// Local time, "2026-11-23 17:05"; "–" for 0.
std::string local_time(std::int64_t unix_s);
// A message's text, whole, with line breaks kept and everything else that could move a cursor made visible.
std::string shown(std::string_view untrusted);
boost::json::object json_of(const base::Error& error);
boost::json::object json_of(const store::record::Trouble& trouble);
base::Error error_of(const store::record::Trouble& trouble);

}  // namespace clients::cli
