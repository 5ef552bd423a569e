// People whose facts meet most bounds: for hints, where the people of the cases show no difference. Pure.
#pragma once

#include <vector>

#include "policy/model/facts.h"
#include "policy/pack/rules.h"

namespace policy::mutate {

// For no group and for each group that the rules name: nobody rostered, early and late duties with gaps around each
// duty_gap, on call, leave, interruptions of several lengths, overrides and own openings that are longer and more than
// each exception admits. Around the week of 1 June 2026, which has a holiday after it.
std::vector<model::PersonFacts> typical_people(const pack::Rules& rules);

}  // namespace policy::mutate
