// The typed catalogue of what feierabend-audit says, in German and English. Sentences: words.inc; findings and errors:
// the sentences of policy/base/words; records: audit/event/words.h.
//
// say(language, Word::kMoreFindings, 3) fills the {} in order. Pure.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/words/language.h"

namespace audit::tool {

using policy::base::words::Language;

enum class Word : std::uint16_t {
#define WORD(name, german, english) name,
#include "audit/tool/command/words.inc"
#undef WORD
};

struct Phrase {
  std::string_view german, english;
};

constexpr auto kPhrases = std::to_array<Phrase>({
#define WORD(name, german, english) {german, english},
#include "audit/tool/command/words.inc"
#undef WORD
});

template <typename... Args>
std::string say(Language language, Word word, const Args&... args) {
  const Phrase& both = kPhrases[static_cast<std::size_t>(word)];
  return fmt::format(fmt::runtime(language == Language::kGerman ? both.german : both.english), args...);
}

}  // namespace audit::tool
