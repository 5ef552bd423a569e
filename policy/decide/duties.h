// What counts as a person's duty; inside of policy/decide.
#pragma once

#include <vector>

#include "policy/decide/subject.h"

namespace policy::decide {

// Merged duties as a view sees them: roster entries that count as duty, and core hours of weeks without any entry.
// Sorted, apart from each other; all that reach into `reach`, as far as they lie in it.
std::vector<base::Interval> duties_around(const Subject& subject, const pack::DutyView& view, base::Interval reach);

}  // namespace policy::decide
