// What the commands about one person's gate are asked: rules, facts, person and class.
#pragma once

#include <memory>
#include <string>

#include "policy/model/facts.h"
#include "policy/model/message_class.h"
#include "policy/tool/command/table.h"

namespace policy::tool {

struct OnePerson {
  std::string person;
  std::string message_class = "routine";
};

// --pack, --people, --roster, --interruptions, --person, --class, --json
void add_one_person(Table& table, CLI::App& sub, OnePerson& asked);

// Rules and the facts of one person.
struct Loaded {
  std::shared_ptr<const pack::RuleSet> rules;
  model::PersonFacts facts;
};
Input<Loaded> load(const Question& question, const std::string& person);

// The facts alone.
Input<model::PersonFacts> read_person(const FactFiles& files, const std::string& person);

}  // namespace policy::tool
