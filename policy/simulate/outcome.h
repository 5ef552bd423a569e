// What a change of rules does to one person within a span, as numbers: the raw material of policy/simulate/table.h.
// An Outcome tells about a person and never leaves the program by itself.
//
// Pure. A Counter remembers what people without any roster get, by groups; use one a thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/base/instant.h"
#include "policy/model/facts.h"
#include "policy/model/message_class.h"
#include "policy/pack/rule_set.h"

namespace policy::simulate {

// Before and after of the four classes.
constexpr std::size_t kHourColumns = 2 * model::kMessageClassCount;
constexpr std::size_t before_of(std::size_t message_class) { return 2 * message_class; }
constexpr std::size_t after_of(std::size_t message_class) { return 2 * message_class + 1; }

struct Outcome {
  std::size_t unit = 0;                              // index of the one unit that the person counts for
  std::array<base::Seconds, kHourColumns> closed{};  // time within the span in which the class does not come through
  std::array<bool, kHourColumns> known{};  // what everybody could work out from the rules: nobody is hidden by it
  std::uint32_t interruptions = 0;         // that begin within the span
  std::uint32_t avoided = 0;               // of these: an alarm came through before and would not any more
  bool operator==(const Outcome&) const = default;
};

class Counter {
 public:
  // Keeps references: both sets and the span outlive it.
  Counter(const pack::RuleSet& before, const pack::RuleSet& after, base::Interval span)
      : before_(before), after_(after), span_(span) {}

  Outcome outcome_of(const model::PersonFacts& facts, std::size_t unit);

 private:
  Outcome counted(const model::PersonFacts& facts) const;
  const Outcome& without_roster(const std::vector<std::string>& groups);

  const pack::RuleSet& before_;
  const pack::RuleSet& after_;
  base::Interval span_;
  std::map<std::vector<std::string>, Outcome> without_roster_;
};

}  // namespace policy::simulate
