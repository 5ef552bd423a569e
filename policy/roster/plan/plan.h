// Rosters from TOML: single entries, and rotations that are written once for years and many people.
//
//   zone = "Europe/Berlin"              # of the file's dates and times; else Options::zone
//
//   [[entry]]
//   person = "anna"
//   kind = "leave"                      # duty (default), standby, on-call, leave, sick, training
//   begin = 2026-06-01                  # whole days, from midnight; or instants: 2026-06-01T06:00:00+02:00
//   end = 2026-06-15                    # not included
//
//   [[rotation]]
//   cycle = 10                          # days, 1 to 3660
//   start = 2026-01-05                  # the day on which a team with offset 0 is at day 1 of the cycle
//   until = 2036-01-01                  # not included; Options::horizon if absent
//   zone = "Europe/Berlin"              # else the file's
//
//   [[rotation.shift]]
//   days = [1, 2]                       # of the cycle
//   kind = "duty"
//   from = 06:00:00
//   to = 14:00:00                       # at or before `from` means the next day
//
//   [[rotation.team]]
//   offset = 2                          # days that the team is ahead at `start`; 0 if absent, may be negative
//   members = ["anna", "bernd"]         # at most 1000; any number of teams
//
// A begin is the first, an end the last reading of the clock. Unknown keys are errors. Errors have the codes of packs
// (pack.syntax, pack.type, pack.value, pack.unknown-key, pack.missing-key, pack.too-large, pack.too-deep) and those of
// draft.h.
#pragma once

#include <string_view>

#include "policy/roster/draft/draft.h"

namespace policy::roster::plan {

constexpr std::size_t kPlanBytesMax = 8 * 1024 * 1024;
constexpr std::int64_t kCycleDaysMax = 3660;

// Adds the entries to the people, or nothing.
std::expected<void, draft::Errors> read_plan(std::string_view name, std::string_view toml,
                                             const draft::Options& options, model::People& people);

}  // namespace policy::roster::plan
