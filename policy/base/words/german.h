// An error in German. The one place of the house that knows how: leads.inc says for each code what it means,
// sentences_*.inc has the German twin of every English sentence that errors are made of.
//
// An Error carries English sentences, with numbers, names and instants in them. The twin is found by matching: the
// English template "{} devices are enrolled: {t}" fits the sentence, and what stands at {} goes into the German one.
// {} is taken as it is, {t} is translated in its turn. Text that comes from outside stands at {} only, so nobody can
// have it reworded. A sentence without a twin is never lost: the German lead sentence of its code stands before it.
//
// Codes, places (`where`) and everything a machine reads stay as they are. Pure; linear in the sentence and the
// number of templates; sentences above kSentenceBytesMax are not matched.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policy/base/result.h"
#include "policy/base/words/language.h"

namespace policy::base::words {

constexpr std::size_t kSentenceBytesMax = 4096;

struct Lead {
  std::string_view code, german;
};
struct Sentence {
  std::string_view english, german;
};
std::span<const Lead> leads();
std::span<const Sentence> sentences();

// What a code means, in one German sentence without a full stop; empty for a code that the house does not have.
std::string_view lead_of(std::string_view code);

// The German twin of an English sentence; empty if there is none.
std::string twin_of(std::string_view english);

// The same error with German sentences; `code` and `where` as before.
Error in_german(const Error& error);
inline Error in_language(const Error& error, Language language) {
  return language == Language::kGerman ? in_german(error) : error;
}

// One line: to_string() in English, "where: seen; erlaubt: …. Remedy [code]" in German.
std::string line_of(const Error& error, Language language);

}  // namespace policy::base::words
