// Shell completion scripts, made from the same declaration as the command line itself.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace audit::tool {

// For "bash", "zsh" or "fish"; none for another shell.
std::optional<std::string> completions(const CLI::App& app, std::string_view shell);

}  // namespace audit::tool
