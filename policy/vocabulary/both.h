// A phrase in German and English, built at one go, so that the two never say different things: whoever joins phrases
// joins both languages. Values; pure.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/words/language.h"

namespace policy::vocabulary {

using base::words::Language;

struct Both {
  std::string de;
  std::string en;
  const std::string& in(Language language) const { return language == Language::kGerman ? de : en; }
  bool empty() const { return de.empty() && en.empty(); }
  bool operator==(const Both&) const = default;
};

inline Both same(std::string_view text) { return {std::string(text), std::string(text)}; }  // ids, names, citations
Both operator+(const Both& a, const Both& b);

// Fills the {} of both templates in order; each template has as many {} as there are arguments. What is filled in is
// not looked at again, so text from a pack may hold {}.
Both compose(std::string_view de, std::string_view en, std::span<const Both> arguments);

inline const Both& as_both(const Both& both) { return both; }
inline Both as_both(std::string_view text) { return same(text); }
template <std::integral Number>
Both as_both(Number number) {
  return same(std::to_string(number));
}

// say("{} Ruhe", "{} of rest", duration(rule.minimum))
template <typename... Args>
Both say(std::string_view de, std::string_view en, const Args&... args) {
  const std::array<Both, sizeof...(Args)> arguments{as_both(args)...};
  return compose(de, en, arguments);
}

// "a", "a und b", "a, b und c".
Both list_and(std::span<const Both> items);
Both list_or(std::span<const Both> items);

// First letter in upper case, German umlauts included.
Both capital(Both phrase);

// "1 Gerät", "3 Geräte".
struct Noun {
  std::string_view de_one, de_many, en_one, en_many;
};
Both counted(std::int64_t count, const Noun& noun);

}  // namespace policy::vocabulary
