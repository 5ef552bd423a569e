// Looking ahead from an instant; inside of policy/decide.
#pragma once

#include <algorithm>

#include "policy/decide/scene.h"

namespace policy::decide {

constexpr base::Seconds kFirstLook = base::kDay;   // most gates change within a day
constexpr base::Seconds kLongestLook{64 * 86400};  // bounds what one look expands

// Piece by piece, each four times as long as the one before. `visit(scene, stretch)` is called for neighbouring
// stretches on which nothing changes for `classes`, until it returns false or `to` is reached.
template <typename Visit>
void look_ahead(const Subject& subject, pack::ClassSet classes, base::Instant from, base::Instant to, Visit visit,
                base::Seconds look = kFirstLook) {
  while (from < to) {
    const base::Instant end = std::min(from + look, to);
    const Scene scene(subject, {from, end}, classes);
    const std::vector<base::Instant> boundaries = scene.boundaries();
    for (std::size_t i = 0; i < boundaries.size(); ++i)
      if (!visit(scene, base::Interval{boundaries[i], i + 1 < boundaries.size() ? boundaries[i + 1] : end})) return;
    from = end;
    look = std::min(base::Seconds{look.count * 4}, kLongestLook);
  }
}

// The first instant at or after `from` at which the class has another effect than this; kEndOfTime if there is none.
base::Instant next_change(const Subject& subject, std::size_t message_class, model::Effect effect, base::Instant from);

}  // namespace policy::decide
