#include "clients/terminal/words.h"

namespace clients::terminal {

Language language_of(std::string_view option, std::string_view environment) {
  const std::string_view wanted = option.empty() ? environment : option;
  return wanted.starts_with("de") ? Language::kGerman : Language::kEnglish;
}

}  // namespace clients::terminal
