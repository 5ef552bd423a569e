#include "policy/tool/command/one_person.h"

namespace policy::tool {

void add_one_person(Table& table, CLI::App& sub, OnePerson& asked) {
  table.add_packs(sub);
  table.add_facts(sub);
  table.option(sub, "--person", asked.person, Word::kPerson, "ID")->required();
  table.option(sub, "--class", asked.message_class, Word::kClass, "CLASS")->required();
  table.add_json(sub);
}

Input<model::PersonFacts> read_person(const FactFiles& files, const std::string& person) {
  auto people = read_facts(files);
  if (!people) return std::unexpected(people.error());
  const auto found = people->find(person);
  if (found != people->end()) return std::move(found->second);
  return std::unexpected(Failure{{{"person.unknown",
                                   "person '" + base::printable(person) + "'",
                                   "a person whom " + files.people + " names",
                                   {},
                                   "--person"}},
                                 kDataError});
}

Input<Loaded> load(const Question& question, const std::string& person) {
  auto rules = read_rules(question.packs);
  if (!rules) return std::unexpected(rules.error());
  auto facts = read_person(question.files, person);
  if (!facts) return std::unexpected(facts.error());
  return Loaded{std::move(*rules), std::move(*facts)};
}

}  // namespace policy::tool
