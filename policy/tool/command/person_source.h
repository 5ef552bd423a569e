// People with their rosters, one after the other in the order of their ids, however large the roster is. Which way is
// taken depends on the files:
//
//   one table sorted by person    as it arrives, one person in memory
//   plans alone                   some people at a time, each time from the plan's text
//   anything else                 everybody at once
//
// Whoever is in the table of people comes, also without any entry.
#pragma once

#include <functional>
#include <memory>

#include "policy/tool/command/input.h"

namespace policy::tool {

constexpr std::size_t kPlannedAtOnce = 128;  // people that a plan is expanded for at a time

class PersonSource {
 public:
  virtual ~PersonSource() = default;
  // Nothing at the end. After an error there is no more.
  virtual Input<std::optional<model::PersonFacts>> next() = 0;
  std::size_t people() const { return count_; }

 protected:
  explicit PersonSource(std::size_t count) : count_(count) {}

 private:
  std::size_t count_;
};

// Not sorted: the first of its errors is roster.unsorted; ask again with `at_once`.
enum class Reading : std::uint8_t { kAsItArrives, kAtOnce };
Input<std::unique_ptr<PersonSource>> open_people(const FactFiles& files, Reading reading);

}  // namespace policy::tool
