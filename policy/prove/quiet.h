// From closings to the sets that claims look at. Pure.
#pragma once

#include "policy/decide/scene.h"
#include "policy/time/interval_set.h"

namespace policy::prove {

// Where the effect for the class is at least `level`, within the span of the scene.
time::IntervalSet closed(const decide::Scene& scene, model::MessageClass message_class, model::Effect level);

// Where none of the classes is delivered. `classes` must not be empty.
time::IntervalSet quiet(const decide::Scene& scene, pack::ClassSet classes);

// The rules that close for any of the classes somewhere in `within`, and the exceptions that pierce them there; for an
// empty `within` at its begin.
std::vector<std::string> involved(const decide::Scene& scene, pack::ClassSet classes, base::Interval within);

}  // namespace policy::prove
