#include "policy/vocabulary/both.h"

namespace policy::vocabulary {
namespace {

std::string filled(std::string_view form, std::span<const Both> arguments, Language language) {
  std::string out;
  for (const Both& argument : arguments) {
    const std::size_t gap = form.find("{}");
    if (gap == std::string_view::npos) break;
    out += form.substr(0, gap);
    out += argument.in(language);
    form.remove_prefix(gap + 2);
  }
  return out += form;
}

Both joined(std::span<const Both> items, std::string_view last_de, std::string_view last_en) {
  Both out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out = out + (i + 1 == items.size() ? Both{std::string(last_de), std::string(last_en)} : same(", "));
    out = out + items[i];
  }
  return out;
}

void capitalise(std::string& text) {
  if (text.empty()) return;
  char& first = text.front();
  if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
  // ä, ö, ü are C3 A4, C3 B6, C3 BC; their capitals lie 0x20 below.
  if (text.size() > 1 && first == '\xC3' && (text[1] == '\xA4' || text[1] == '\xB6' || text[1] == '\xBC'))
    text[1] = static_cast<char>(static_cast<unsigned char>(text[1]) - 0x20);
}

}  // namespace

Both operator+(const Both& a, const Both& b) { return {a.de + b.de, a.en + b.en}; }

Both compose(std::string_view de, std::string_view en, std::span<const Both> arguments) {
  return {filled(de, arguments, Language::kGerman), filled(en, arguments, Language::kEnglish)};
}

Both list_and(std::span<const Both> items) { return joined(items, " und ", " and "); }
Both list_or(std::span<const Both> items) { return joined(items, " oder ", " or "); }

Both capital(Both phrase) {
  capitalise(phrase.de);
  capitalise(phrase.en);
  return phrase;
}

Both counted(std::int64_t count, const Noun& noun) {
  return say(
      "{} {}", "{} {}", count,
      Both{std::string(count == 1 ? noun.de_one : noun.de_many), std::string(count == 1 ? noun.en_one : noun.en_many)});
}

}  // namespace policy::vocabulary
