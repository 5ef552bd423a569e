#include "policy/render/source_words.h"

namespace policy::render {

using vocabulary::say;

std::string sentence_number(const Block& block, std::size_t index) {
  return std::to_string(block.number) + "." + std::to_string(index + 1);
}

Both source_words(const Block& block) {
  const std::string first = sentence_number(block, 0);
  const Both which = block.sentences.size() < 2 ? say("Quelle des Satzes {}", "Source of sentence {}", first)
                                                : say("Quelle der Sätze {} bis {}", "Source of sentences {} to {}",
                                                      first, sentence_number(block, block.sentences.size() - 1));
  const Both source = block.cite.empty() ? Both{"nicht angegeben", "not given"} : vocabulary::same(block.cite);
  const Both rule = block.rule.empty() ? Both{} : say(" Regel {}.", " Rule {}.", block.rule);
  return say("{}: {}.{}", "{}: {}.{}", which, source, rule);
}

}  // namespace policy::render
