// A pack in plain words, for people who have to agree to it: numbered sentences, German and English from one list, so
// that sentence 4.2 is the same in both. Every field of the grammar (rules/schema/README.md) has its sentence; the test
// changes each value of a pack and expects both texts to change.
//
// Values; pure. Text from a pack is made printable (policy/base/result.h); writers escape for their format.
#pragma once

#include <string>
#include <vector>

#include "policy/pack/rules.h"
#include "policy/vocabulary/both.h"

namespace policy::render {

using vocabulary::Both;
using vocabulary::Language;

struct Sentence {
  std::string key;  // "rest.daily/minimum": rule, setting or family, and what of it; not unique
  Both text;
  std::string verbatim;  // a pattern that follows the sentence as it is; empty for nearly all
  bool open = false;     // something that is still to be agreed; shown with emphasis
};

// What belongs together and has one source: a rule, a table of settings.
struct Block {
  int number = 0;  // from 1, over the whole document; the sentences are number.1, number.2, …
  Both title;
  std::string rule;     // id; empty where the block is none
  std::string cite;     // source of all its sentences; empty: not given
  bool sourced = true;  // false for words about the pack itself, which need no source
  std::vector<Sentence> sentences;
};

struct Section {
  Both title;
  std::vector<Block> blocks;
};

struct Document {
  std::string pack;
  Both title;
  std::vector<Both> preface;
  std::vector<Section> sections;
};

// `pack` is an index into Rules::packs. Load a pack that refers to others together with them.
Document document(const pack::RuleSet& rules, std::size_t pack);

}  // namespace policy::render
