// The week of one person under rules, and weeks of sample people to try rules on. Pure: the caller names the week.
#pragma once

#include "policy/chart/week.h"
#include "policy/model/facts.h"
#include "policy/pack/rules.h"

namespace policy::chart {

// Five panels: roster or core hours, then each class. Times in the zone of the rules. `who` opens the caption:
// "Musterperson im Frühdienst".
Week week_of(const pack::RuleSet& rules, const model::PersonFacts& facts, time::LocalDate monday, const Both& who);

// How a week shows what a gate does.
Mark mark_of(model::Effect effect);

// Every group that a rest, an exception or core hours are for, sorted.
std::vector<std::string> groups_of(const pack::RuleSet& rules);

enum class Shift : std::uint8_t { kCore, kEarly, kLate, kNight, kOnCall };
base::Result<Shift> parse_shift(std::string_view name);  // core, early, late, night, on-call; error: shift.unknown
Both words_of(Shift shift);

// Somebody with that pattern from two weeks before `monday` to two weeks after: early 06:00–14:00, late 14:00–22:00,
// night 22:00–06:00, each Monday to Friday; on call: early, and on call from then to the next morning. kCore has no
// roster entry at all. Groups: groups_of(rules).
model::PersonFacts sample(const pack::RuleSet& rules, Shift shift, time::LocalDate monday);

// The first Monday from 15 June 2026 on whose week, the week before and the week after have no holiday of any loaded
// pack and no change of the clock; 15 June itself if there is none within four years.
time::LocalDate ordinary_week(const pack::RuleSet& rules);

}  // namespace policy::chart
