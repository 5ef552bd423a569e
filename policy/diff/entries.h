// What two sets of rules say, rule by rule and setting by setting: what is new, gone, changed, and whether it protects
// more or less. Decisions are compared in gates.h; here are the reasons for them, and everything that is no decision
// about a gate. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/diff/change.h"
#include "policy/pack/rules.h"

namespace policy::diff {

enum class Fate : std::uint8_t { kAdded, kRemoved, kChanged, kRenamed };
std::string_view name_of(Fate fate);  // "added", …

// One value, spelt as in a pack: "11h", "mon,tue", "*". Empty on the side that does not have it.
struct Facet {
  std::string name;
  std::string before, after;
  Direction direction = Direction::kBoth;
  bool operator==(const Facet&) const = default;
};

// For kAdded and kRemoved the facets are all there are.
struct EntryChange {
  std::string family;  // rest, exception, schedule, pack; devices, sessions, retention, alarm, content, push, …
  std::string id;      // of the rule or pack; for retention the class; else as `family`
  Fate fate = Fate::kChanged;
  std::string old_id;  // kRenamed
  Direction direction = Direction::kBoth;
  std::vector<Facet> facets;
};

struct EntriesDiff {
  // Rests, exceptions, core hours, and what packs say for all of their rules. That one of them changed does not mean
  // that a decision does: gates.h says that.
  std::vector<EntryChange> gates;
  // What is in force apart from gates: devices, sessions, retention and push are the strictest of all packs, compared
  // as that; alarm, content, claim, parameter and signers one by one.
  std::vector<EntryChange> settings;
  std::vector<EntryChange> wording;  // ids, titles, citations, versions: nothing that acts
};

EntriesDiff diff_entries(const pack::RuleSet& before, const pack::RuleSet& after);

}  // namespace policy::diff
