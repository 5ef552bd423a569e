// Shell completions, made from the command table itself so that they cannot fall behind it.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace policy::tool {

// `shell` is bash, zsh or fish.
std::string completions(const CLI::App& app, std::string_view shell);

}  // namespace policy::tool
