// A change as a picture: for each class that it touches a week before and the same week after, what is newly held or
// newly open marked. Pure.
#pragma once

#include "policy/chart/week.h"
#include "policy/diff/change.h"
#include "policy/diff/gates.h"

namespace policy::diff {

// The Monday of the week to show: that of chart::ordinary_week() if anything changes in it, else of the first change.
// `changes` are not empty.
time::LocalDate week_to_show(const pack::RuleSet& after, const std::vector<Change>& changes);

// `facts` under both sets in that week, in the zone of the new rules. `who` opens the caption. Without any change in
// the week there is no panel.
chart::Week picture_of(const pack::RuleSet& before, const pack::RuleSet& after, const model::PersonFacts& facts,
                       time::LocalDate monday, const vocabulary::Both& who);

// The person of a case: its first roster, in the groups of its first audience.
model::PersonFacts person_of(const Case& one);

}  // namespace policy::diff
