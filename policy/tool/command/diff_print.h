// The answer of `diff`, in words or as data.
#pragma once

#include <optional>

#include "policy/diff/entries.h"
#include "policy/diff/gates.h"
#include "policy/tool/command/table.h"

namespace policy::tool {

// The two ways to compare: over a roster, or over the rosters that the rules themselves suggest.
struct Found {
  diff::EntriesDiff entries;
  std::optional<diff::RosterDiff> roster;
  std::optional<diff::RulesDiff> rules;
  base::Interval span;

  const diff::ByClass& directions() const { return roster ? roster->directions : rules->directions; }
  bool different() const {
    if (!entries.settings.empty()) return true;
    if (roster) return !roster->alike.empty() || roster->not_listed > 0;
    return rules->verdicts != decltype(rules->verdicts){};
  }
};

// `after` are the new rules: their zone and holidays are those of the words.
void print_words(const Context& context, const Found& found, const pack::Rules& after);
void print_json(const Context& context, const Found& found);

}  // namespace policy::tool
