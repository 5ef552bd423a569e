// What a decision is made of, besides the rules: one person's groups, roster and interruptions. Values; built by an
// importer (policy/pack reads CSV), never by a decision.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"

namespace policy::model {

// design § 4 "Roster". Duty, standby and training count as duty; on-call is rest, but reachable.
enum class RosterKind : std::uint8_t { kDuty, kStandby, kOnCall, kLeave, kSick, kTraining };

std::string_view name_of(RosterKind kind);  // "duty", "standby", "on-call", "leave", "sick", "training"
base::Result<RosterKind> parse_roster_kind(std::string_view name);  // error: roster.unknown-kind
constexpr bool counts_as_duty(RosterKind kind) {
  return kind == RosterKind::kDuty || kind == RosterKind::kStandby || kind == RosterKind::kTraining;
}

struct RosterEntry {
  RosterKind kind = RosterKind::kDuty;
  base::Interval span;
  bool operator==(const RosterEntry&) const = default;
};

// A delivered alarm or a call-out that may restart a rest. Rules look at `span.begin` and, for "longer-than", at its
// length.
struct Interruption {
  base::Interval span;
  bool operator==(const Interruption&) const = default;
};

// Somebody in a role opened this person's gate for a while. Counts only as far as the [[exception]] of that id admits
// it: the role, a reason of its closed list, its longest duration, its limit per person and week.
struct Override {
  std::string rule;    // id of the exception
  std::string role;    // directory group in whose name it was granted
  std::string reason;  // of the closed list
  base::Interval span;
  bool operator==(const Override&) const = default;
};

// The person opened the own gate for a while, as far as [self_open] admits it.
struct SelfOpening {
  base::Interval span;
  bool operator==(const SelfOpening&) const = default;
};

struct PersonFacts {
  std::string person;                       // directory id, as "uid=…" names it
  std::vector<std::string> groups;          // directory groups, unordered
  std::vector<RosterEntry> roster;          // sorted by begin
  std::vector<Interruption> interruptions;  // sorted by begin
  std::vector<Override> overrides;          // sorted by begin
  std::vector<SelfOpening> self_openings;   // sorted by begin
  bool operator==(const PersonFacts&) const = default;
};

// Everybody an importer knows, by person.
using People = std::map<std::string, PersonFacts, std::less<>>;

}  // namespace policy::model
