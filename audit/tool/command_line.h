// The command table of feierabend-audit: names, options and what they fill. Help and completions are made from it, in
// the language of the call.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "audit/tool/words.h"

namespace audit::tool {

// What the arguments said; one command reads what concerns it.
struct Arguments {
  Language language = Language::kEnglish;
  bool json = false;
  std::string language_option;  // checked by the table; `language` was read before it was built
  std::string folder, key, name, file, entry_file, shell, since, type;
  std::string sealed, officer, council;
  std::uint64_t entry = 0, from = 0, count = 0;
};

// The table refers to `arguments`, which outlives it. Help is in arguments.language.
std::unique_ptr<CLI::App> make_table(Arguments& arguments);

}  // namespace audit::tool
