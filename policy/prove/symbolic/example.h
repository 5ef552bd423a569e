// A state that Z3 names, turned into a person with a roster. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/model/facts.h"
#include "policy/prove/symbolic/calendar.h"

namespace policy::prove::symbolic {

// Seconds after the pattern's midnight. What the claim does not ask about is not set.
struct Values {
  std::int64_t end = 0, next = 0;
  std::optional<std::int64_t> begin;  // of the last duty
  std::optional<std::int64_t> interruption;
  std::int64_t interrupted_s = 0;
  std::optional<std::int64_t> at;
  bool on_call = false, on_duty = false, absent = false;
  std::vector<std::string> groups;
};

struct Example {
  model::PersonFacts facts;
  base::Interval at;  // what of it replay() is to look at
};
Example example(const pack::ClaimRule& claim, const Pattern& pattern, const Values& values);

}  // namespace policy::prove::symbolic
