// The typed catalogue of what feierabend-policy says, in German and English. Sentences: words.inc; errors: the
// sentences of policy/base/words.
//
// say(language, Word::kCounts, 3, 0) fills the {} in order. Pure.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/words/language.h"
#include "policy/model/message_class.h"
#include "policy/pack/rules.h"

namespace policy::tool {

using base::words::Language;

enum class Word : std::uint16_t {
#define WORD(name, german, english) name,
#include "policy/tool/command/words.inc"
#undef WORD
};

struct Phrase {
  std::string_view german, english;
};

constexpr auto kPhrases = std::to_array<Phrase>({
#define WORD(name, german, english) {german, english},
#include "policy/tool/command/words.inc"
#undef WORD
});

template <typename... Args>
std::string say(Language language, Word word, const Args&... args) {
  const Phrase& both = kPhrases[static_cast<std::size_t>(word)];
  return fmt::format(fmt::runtime(language == Language::kGerman ? both.german : both.english), args...);
}

// Ids of the pack format; in German with the word for it before the id.
std::string say(Language language, model::Effect effect);
std::string say(Language language, pack::Layer layer);

}  // namespace policy::tool
