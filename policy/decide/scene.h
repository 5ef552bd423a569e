// What is closed for one person within a span of time. The common ground of decide, gate_state, timeline and forecasts;
// inside of policy/decide.
//
// A Scene is exact for its span and says nothing outside. It keeps references to the rules it was built from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/decide/exceptions.h"
#include "policy/decide/subject.h"
#include "policy/model/decision.h"
#include "policy/model/facts.h"
#include "policy/pack/rules.h"

namespace policy::decide {

// One rule that is for this person.
struct Closing {
  const pack::RestRule* rule = nullptr;
  time::IntervalSet when;
  std::vector<std::size_t> pierced_by;  // indices into the exceptions of the scene
};

// A rule that closes at an instant, and the classes for which no exception pierces it then.
struct Counting {
  const pack::RestRule* rule = nullptr;
  pack::ClassSet classes;
};

struct Effects {
  std::array<model::Effect, model::kMessageClassCount> of{};
  bool operator==(const Effects&) const = default;
};

class Scene {
 public:
  // The subject is evaluable. Asked about fewer classes, it leaves out the rules that deliver all of them, and says
  // nothing about the others.
  Scene(const Subject& subject, base::Interval span, pack::ClassSet classes = pack::ClassSet().set());

  base::Interval span() const { return span_; }

  // Every instant in the span at which anything may change, sorted, beginning with the span's own begin and without
  // its end.
  std::vector<base::Instant> boundaries() const;

  Effects effects_at(base::Instant instant) const;
  // Ids of the rules that produce `effect` for the class; empty for kDeliver.
  std::vector<std::string> rules_at(base::Instant instant, model::MessageClass message_class,
                                    model::Effect effect) const;
  // Replaces what `found` holds; in the order of Subject::rests().
  void counting_at(base::Instant instant, std::vector<Counting>& found) const;

  // What is closed, rule by rule, and what pierces it, for who reasons about the whole span at once.
  const std::vector<Closing>& closings() const { return closings_; }
  const std::vector<InForce>& exceptions() const { return exceptions_; }

 private:
  // The classes for which this closing does not count now.
  pack::ClassSet pierced(const Closing& closing, base::Instant instant) const;

  base::Interval span_;
  std::vector<Closing> closings_;
  std::vector<InForce> exceptions_;
};

// From here on the effects for these classes can only repeat what a search from `now` has seen: the last fact with all
// that follows from it, and, where windows (of rests or of exceptions) or core hours still change something then,
// kCalendarCycle after it.
base::Instant search_end(const Subject& subject, pack::ClassSet classes, base::Instant now);

// A date falls on each weekday within 12 years (1901 to 2099), so a holiday meets each weekday within them.
constexpr base::Seconds kCalendarCycle{12LL * 366 * 86400};

}  // namespace policy::decide
