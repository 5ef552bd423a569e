#include "policy/base/words/language.h"

namespace policy::base::words {

Language language_of(std::string_view option, std::string_view environment) {
  const std::string_view wanted = option.empty() ? environment : option;
  return wanted.starts_with("de") ? Language::kGerman : Language::kEnglish;
}

std::string_view language_option(std::span<const std::string> arguments) {
  std::string_view wanted;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    for (const std::string_view name : {"--lang", "--language"}) {
      if (word == name && i + 1 < arguments.size()) wanted = arguments[i + 1];
      if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
        wanted = word.substr(name.size() + 1);
    }
  }
  return wanted;
}

}  // namespace policy::base::words
