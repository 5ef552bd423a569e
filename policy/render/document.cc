#include "policy/render/document.h"

#include <array>

#include "policy/render/family.h"

namespace policy::render {
namespace {

using SectionOf = Section (*)(const pack::Rules&, std::size_t);
constexpr std::array<SectionOf, 14> kSections{about_section,     words_section,     rest_section,   exception_section,
                                              schedule_section,  parameter_section, adapt_section,  alarm_section,
                                              content_section,   push_section,      device_section, session_section,
                                              retention_section, claim_section};

}  // namespace

Document document(const pack::RuleSet& rule_set, std::size_t index) {
  const pack::Rules& rules = rule_set.rules();
  const pack::Pack& pack = rules.packs[index];
  Document out;
  out.pack = pack.id;
  out.title = pack.title.de.empty() ? vocabulary::same(pack.id) : Both{shown(pack.title.de), shown(pack.title.en)};
  out.preface.push_back({"Dieser Text ist aus den Regeln erzeugt. Er enthält jede Angabe des Regelpakets.",
                         "This text is made from the rules. It has every entry of the rule pack."});
  out.preface.push_back({"Jeder Satz hat eine Nummer. Sie ist im deutschen und im englischen Text gleich.",
                         "Every sentence has a number. It is the same in the German and in the English text."});
  int number = 0;
  for (const SectionOf& section_of : kSections) {
    Section section = section_of(rules, index);
    if (section.blocks.empty()) continue;
    for (Block& block : section.blocks) block.number = ++number;
    out.sections.push_back(std::move(section));
  }
  return out;
}

}  // namespace policy::render
