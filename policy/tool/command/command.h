// The commands of feierabend-policy, apart from the process around them.
//
//   check PACK…           load packs and say what is wrong or odd
//   decide, explain       one decision, as data or in words
//   timeline              a span of decisions
//   test PACKDIR…         the cases.toml beside each pack
//   bundle, inspect       packs into the one file that parties sign, and what it holds
//   keygen, sign, verify  a party's key, its signature, and whether all that are needed are there
//   facts, replay         what the log commits to about a person, and a logged decision decided again
//   render PACK…          packs in plain words, as a week chart, as a page
//   diff OLD NEW          what other rules would decide differently
//   simulate OLD NEW      what that does to a roster, in numbers about units
//   prove                 what packs claim, over a roster or over every conceivable one
//   roster check FILE…    read rosters and say what is in them, or where they are wrong
//   roster convert FILE   a roster in another format
//   completions SHELL     bash, zsh or fish
//
// Results go to `out`, errors to `err`. Exit codes: 0 done, 2 usage, 65 bad data or a failed case, 66 an unreadable
// file, 73 a file that cannot be written.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "policy/base/clock.h"

namespace policy::tool {

constexpr int kDone = 0;
constexpr int kUsage = 2;
constexpr int kDataError = 65;     // EX_DATAERR
constexpr int kNoInput = 66;       // EX_NOINPUT
constexpr int kCannotCreate = 73;  // EX_CANTCREAT

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// `arguments` without the program's name. The language is that of --lang, else that of `locale` (LC_ALL, LC_MESSAGES or
// LANG: the first that is set); JSON is the same in both.
int run(std::span<const std::string> arguments, const Streams& streams, const base::Clock& clock,
        std::string_view locale = {});

}  // namespace policy::tool
