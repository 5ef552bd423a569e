// A rule set as named values that can be compared one by one. Inside of policy/diff.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "policy/diff/change.h"
#include "policy/pack/rules.h"

namespace policy::diff {

// What a larger value means for the people whom the rules protect.
enum class Sense : std::uint8_t {
  kUnclear,      // another one: may protect more and less
  kMore,         // a larger number protects more
  kLess,         // and here less
  kMembersMore,  // a list: more members protect more
  kMembersLess,
  kWording,  // acts on nothing
};

struct Said {
  std::string name;  // key of the pack grammar
  std::string text;
  Sense sense = Sense::kUnclear;
  std::int64_t number = 0;
  std::set<std::string> members;
};
Direction direction_of(const Said& before, const Said& after);  // of two texts that differ

struct Entry {
  std::string family, id;
  Direction adding = Direction::kMore;  // what it means that the entry is there
  std::vector<Said> said;
};

std::vector<Entry> gate_entries(const pack::Rules& rules);
std::vector<Entry> setting_entries(const pack::RuleSet& rules);

}  // namespace policy::diff
