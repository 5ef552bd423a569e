#include "policy/render/markdown.h"

#include <algorithm>

#include "policy/render/source_words.h"

namespace policy::render {
namespace {

// Backslashes before whatever could begin markup: names and titles come from packs. Nothing else of a sentence stands
// at the begin of a line.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

// A code span whose fence is longer than any run of backticks inside (CommonMark 6.1).
std::string code(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const bool padded = text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' '));
  return fence + (padded ? " " : "") + std::string(text) + (padded ? " " : "") + fence;
}

std::string line_of(const Block& block, std::size_t index, Language language) {
  const Sentence& sentence = block.sentences[index];
  const std::string text = plain(sentence.text.in(language));
  std::string line = "- " + sentence_number(block, index) + " " + (sentence.open ? "**" + text + "**" : text);
  if (!sentence.verbatim.empty()) line += " " + code(sentence.verbatim);
  return line + "\n";
}

}  // namespace

std::string markdown(const Document& document, Language language) {
  std::string out = "# " + plain(document.title.in(language)) + "\n";
  for (const Both& sentence : document.preface) out += "\n" + plain(sentence.in(language)) + "\n";
  for (const Section& section : document.sections) {
    out += "\n## " + plain(section.title.in(language)) + "\n";
    for (const Block& block : section.blocks) {
      out += "\n### " + std::to_string(block.number) + " " + plain(block.title.in(language)) + "\n\n";
      for (std::size_t i = 0; i < block.sentences.size(); ++i) out += line_of(block, i, language);
      if (block.sourced) out += "\n" + plain(source_words(block).in(language)) + "\n";
    }
  }
  return out;
}

}  // namespace policy::render
