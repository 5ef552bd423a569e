// Where two sets of rules decide differently, for everybody: of a roster that is given, or of any roster.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/diff/audience.h"
#include "policy/diff/change.h"
#include "policy/diff/scenario.h"

namespace policy::diff {

// ------------------------------------------------------------------ a roster that is given
// People with the same changes.
struct Alike {
  std::vector<std::string> people;
  std::vector<Change> changes;
};

struct RosterDiff {
  std::vector<Alike> alike;    // those with most people first; nobody without changes
  std::size_t looked_at = 0;   // people
  std::size_t not_listed = 0;  // people with changes beyond kChangesMax
  ByClass directions{};        // of everybody
};

constexpr std::size_t kChangesMax = 500'000;  // that are kept, so that a large roster cannot exhaust the memory

// Exact for every person and the whole span: a person is in `alike` (or counted in `not_listed`) if and only if some
// decision about them differs within it.
RosterDiff diff_roster(const pack::RuleSet& before, const pack::RuleSet& after, const model::People& people,
                       base::Interval span, Look look);

// ------------------------------------------------------------------ any roster
// The rosters in which these people get these changes.
struct Case {
  std::vector<Audience> who;
  std::vector<Scenario> lives;  // all with the same changes
  std::vector<Change> changes;  // of the first of `lives`; see diff_rules() for their span
};

// kSame is proved: both sets say the same about the class (canon.h), for every roster and for ever. kDiffers has a case
// that shows it. kNotFound: what they say differs, but none of the rosters that were tried tells them apart.
enum class Verdict : std::uint8_t { kSame, kDiffers, kNotFound };
std::string_view name_of(Verdict verdict);  // "same", "differs", "not-found"

struct RulesDiff {
  std::array<Verdict, model::kMessageClassCount> verdicts{};  // the strongest finding over all audiences
  ByClass directions{};
  std::vector<Case> cases;
  std::size_t audiences = 0;  // kinds of people that were looked at
  std::vector<Life> lives;    // that were tried where the sets differ
  bool cut = false;           // see Audiences::cut
};

// Over every audience and the rosters of scenario.h. A Case holds the stretches that begin within `span`, uncut, so
// that a night which begins on its last evening is whole; what lasts longer than a week is cut to the span.
RulesDiff diff_rules(const pack::RuleSet& before, const pack::RuleSet& after, base::Interval span);

}  // namespace policy::diff
