// The language in which a program speaks: German or English, known before its help is written.
//
// Pure: the caller hands over arguments and the values of LC_ALL, LC_MESSAGES and LANG.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace policy::base::words {

enum class Language : std::uint8_t { kGerman, kEnglish };

// German for "de…", English for all else. `option` wins over `environment` where it is not empty.
Language language_of(std::string_view option, std::string_view environment);

// The value of the last --lang or --language among the arguments, as "--lang de" or "--lang=de"; empty if there is
// none.
std::string_view language_option(std::span<const std::string> arguments);

}  // namespace policy::base::words
