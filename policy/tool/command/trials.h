// The folders of packs that `test` is asked about, read and ready to be tried.
#pragma once

#include <string>

#include "policy/tool/command/input.h"
#include "policy/tool/command/table.h"
#include "policy/trial/trial.h"

namespace policy::tool {

struct FolderTrial {
  std::string pack_file, cases_file;
  trial::Trial trial;
  std::shared_ptr<const pack::RuleSet> rules;
};

// PACKDIR/cases.toml, PACKDIR/pack.toml and the packs that the cases name.
Input<FolderTrial> read_folder(const std::string& folder);

// `test --mutate`: the mutants of every pack that no case of its folder kills, on all of the machine's cores. Gives the
// exit code: kDataError if any lives or a case fails without mutation.
int test_mutants(const Context& context);

}  // namespace policy::tool
