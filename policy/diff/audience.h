// Whom two sets of rules tell apart: every combination of directory groups that some rule of theirs treats in its own
// way, each with one example. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/pack/rules.h"

namespace policy::diff {

constexpr std::size_t kGroupsMax = 10;  // group names that rules tell apart; beyond, see Audiences::cut

// People who are in `in` and not in `out`, of all groups that the rules name.
struct Audience {
  std::vector<std::string> in, out;
  bool operator==(const Audience&) const = default;
};

struct Audiences {
  std::vector<Audience> all;  // the first is who is in no group
  // With more than kGroupsMax names that rules tell apart, only combinations of at most two of them and all together.
  bool cut = false;
};

// Groups of rests, exceptions and schedules. Groups that every rule names together or not at all are one name.
Audiences audiences_of(const pack::Rules& before, const pack::Rules& after);

}  // namespace policy::diff
