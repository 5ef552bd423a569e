// Is a rest always covered by others? The question behind "can this rule ever decide anything". Inside of policy/check.
//
// A rest R is covered for a class if at every instant at which R closes for anybody whom it is for, and no exception
// pierces it there for the class, another rest closes for the same person, unpierced, with at least R's effect. Decided
// from the definitions (design § 4 "The closings, exactly"), not by trying rosters:
//
//   window by windows          by their union, second by second of the local day, for every constellation of weekday
//   and
//                              holiday on three dates in a row that the calendars hold; the same zone only. A reading
//                              is monotone in the local time, so this holds across clock changes, too
//   anything by windows        if their union is all of time
//   off-duty, after-duty       by an off-duty rest whose grace and lead are not longer
//   after-duty by after-duty   if it begins no later, lasts no shorter, ends no earlier before the next duty, and
//   restarts
//                              whenever the other does
//   what never meets a duty    by an off-duty rest without grace and lead
//   absence by absence
//
// `unless` and exceptions of the covering rest count only where the covered one does not close either. Duties are those
// of the rules' own view: with core hours from the same pack, and a gap of the covered rest that is not smaller (a
// larger gap joins more, so its duties contain the others).
//
// "Yes" is always true. "No" is exact for windows of one zone and may be wrong for mixtures of kinds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/pack/rules.h"

namespace policy::check {

class Cover {
 public:
  explicit Cover(const pack::Rules& rules);

  // What is not to be looked at: rests and exceptions by index.
  struct Absent {
    std::vector<bool> rests;
    std::vector<bool> exceptions;
  };

  // The rests that cover `rest` for the class, sorted; nothing if it may decide. With `not_pierced_by`, a covering rest
  // must not be pierced by that exception for this class either (it is in force at all the instants that count).
  std::optional<std::vector<std::size_t>> covers(std::size_t rest, std::size_t message_class, const Absent& absent,
                                                 std::optional<std::size_t> not_pierced_by = {}) const;

  // Covered by effects that are stronger than `effect`: whether the rest has this effect on the class or a weaker one,
  // no decision differs, nor the rules that it names.
  bool hides(std::size_t rest, std::size_t message_class, model::Effect effect) const;

 private:
  struct Asked {
    const pack::RestRule& rest;
    std::size_t index;
    std::size_t message_class;
    const std::string* group;  // null: everybody
    const Absent& absent;
    std::optional<std::size_t> not_pierced_by;
    model::Effect at_least;
  };
  bool fit(const Asked& asked, std::size_t other) const;  // effect, people, exceptions, unless
  bool pierced_alike(const Asked& asked, std::size_t other) const;
  bool open_on_call(const Asked& asked) const;  // R never closes for the class while its people are on call
  bool closes_at_least(const pack::RestRule& inner, const pack::RestRule& outer) const;
  bool views_nest(const pack::RestRule& inner, const pack::RestRule& outer) const;
  bool avoids_duties_of(const pack::RestRule& inner, const pack::RestRule& outer) const;
  std::optional<std::vector<std::size_t>> covers_group(const Asked& asked) const;
  std::optional<std::vector<std::size_t>> covers_all(Asked asked) const;
  bool windows_cover(const pack::RestRule* inner, std::span<const std::size_t> outer) const;

  const pack::Rules& rules_;
  std::vector<time::LocalDate> dates_;  // one for each constellation of weekdays and holidays
};

}  // namespace policy::check
