// The two sets of rules that `diff` and `simulate` compare: OLD NEW, or --old FILE… --new FILE… for several packs each.
// A set is a pack, a folder with one, a folder of such folders, several of them with commas between, or a bundle.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/tool/command/table.h"

namespace policy::tool {

struct TwoSets {
  std::string old_path, new_path;
  std::vector<std::string> old_paths, new_paths;
};
void add_two_sets(Table& table, CLI::App& sub, TwoSets& asked);

struct LoadedSets {
  std::shared_ptr<const pack::RuleSet> before, after;
};
// Errors: call.two-sets, and those of read_rules() and read_bundle().
Input<LoadedSets> load(const TwoSets& asked);

}  // namespace policy::tool
