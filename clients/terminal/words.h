// The typed catalogue of what a person reads, in German and English. Sentences: words.inc.
//
// say(Language::kGerman, Word::kAccepted, id, date) fills the {} in order. Everything untrusted is passed through
// printable() by the caller. Pure.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace clients::terminal {

enum class Language : std::uint8_t { kGerman, kEnglish };

enum class Word : std::uint16_t {
#define WORD(name, german, english) name,
#include "clients/terminal/words.inc"
#undef WORD
};

struct Sentence {
  std::string_view german, english;
};

constexpr auto kSentences = std::to_array<Sentence>({
#define WORD(name, german, english) {german, english},
#include "clients/terminal/words.inc"
#undef WORD
});

constexpr std::string_view sentence(Language language, Word word) {
  const auto& both = kSentences[static_cast<std::size_t>(word)];
  return language == Language::kGerman ? both.german : both.english;
}

template <typename... Args>
std::string say(Language language, Word word, const Args&... args) {
  return fmt::format(fmt::runtime(sentence(language, word)), args...);
}

// From --lang ("de", "en") or, when that is empty, from the value of LC_ALL, LC_MESSAGES or LANG: German for "de…".
Language language_of(std::string_view option, std::string_view environment);

}  // namespace clients::terminal
