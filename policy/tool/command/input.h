// Files into values: what policy itself never does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/model/facts.h"
#include "policy/pack/roster_csv.h"
#include "policy/pack/rule_set.h"
#include "policy/roster/roster_file.h"

namespace policy::tool {

constexpr std::size_t kTableBytesMax = 1ULL << 30;  // people, interruptions

// Errors and the exit code that they mean.
struct Failure {
  pack::Errors errors;
  int exit_code = 0;
};
template <typename T>
using Input = std::expected<T, Failure>;

// Error: file.unreadable, file.too-large.
Input<std::string> read_file(const std::string& path, std::size_t size_max);

// Bytes as they are asked for; open as long as the source lives. Error: file.unreadable, also later from the source.
Input<base::ByteSource> open_file(const std::string& path);

// A path to a pack, or to a folder that holds pack.toml.
Input<std::vector<pack::PackSource>> read_pack_sources(const std::vector<std::string>& paths);
Input<std::shared_ptr<const pack::RuleSet>> read_rules(const std::vector<std::string>& paths);

struct FactFiles {
  std::string people;
  std::vector<std::string> roster;  // tables, calendars or plans
  std::string interruptions;        // may be empty
  std::string zone;                 // of local times in rosters that name none; may be empty
};
// Adds one roster to the people; a table is read as it arrives, the others whole.
Input<void> read_roster(const std::string& path, const roster::Options& options, model::People& people);
Input<model::People> read_facts(const FactFiles& files);

}  // namespace policy::tool
