// The closed word lists as enumerations with their words. Declared once, in vocabulary.def.
//
// Values; constant data; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace audit::event {

#define VOCABULARY(Name, en, de) enum class Name : std::uint8_t {
#define WORD(number, symbol, id, en, de) symbol = number,
#define END_VOCABULARY \
  }                    \
  ;
#include "audit/event/vocabulary.def"
#undef VOCABULARY
#undef WORD
#undef END_VOCABULARY

enum class Language : std::uint8_t { kEnglish, kGerman };

struct Word {
  std::uint8_t number;
  std::string_view id, en, de;

  std::string_view in(Language language) const { return language == Language::kGerman ? de : en; }
};

template <typename E>
struct Vocabulary;

#define VOCABULARY(Name, en, de)                      \
  template <>                                         \
  struct Vocabulary<Name> {                           \
    static constexpr std::string_view kMeaningEn{en}; \
    static constexpr std::string_view kMeaningDe{de}; \
    static constexpr auto kWords = std::to_array<Word>({
#define WORD(number, symbol, id, en, de) {number, id, en, de},
#define END_VOCABULARY \
  });                  \
  }                    \
  ;
#include "audit/event/vocabulary.def"
#undef VOCABULARY
#undef WORD
#undef END_VOCABULARY

template <typename E>
concept ClosedList = requires { Vocabulary<E>::kWords; };

// The word of a value; a number that is in no list, which only a broken caller can produce, has the empty word.
template <ClosedList E>
constexpr Word word_of(E value) {
  for (const Word& word : Vocabulary<E>::kWords)
    if (word.number == static_cast<std::uint8_t>(value)) return word;
  return {0, "", "", ""};
}

template <ClosedList E>
constexpr std::optional<E> from_number(std::uint8_t number) {
  for (const Word& word : Vocabulary<E>::kWords)
    if (word.number == number) return static_cast<E>(number);
  return {};
}

template <ClosedList E>
constexpr std::optional<E> from_id(std::string_view id) {
  for (const Word& word : Vocabulary<E>::kWords)
    if (word.id == id) return static_cast<E>(word.number);
  return {};
}

}  // namespace audit::event
