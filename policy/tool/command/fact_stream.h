// Everybody of the table of people with their facts, one by one in the order of the ids, for commands that look at each
// person once.
//
// Small rosters are read whole, in any order and format. A single table above kStreamedFrom is read person by person
// and must be in the order of the ids (policy/roster/stream.h); memory then holds the people, their interruptions and
// one roster. Movable; one thread.
#pragma once

#include <memory>

#include "policy/roster/stream.h"
#include "policy/tool/command/input.h"

namespace policy::tool {

constexpr std::uintmax_t kStreamedFrom = 256ULL * 1024 * 1024;

class FactStream {
 public:
  // `streamed_from` is for tests.
  static Input<FactStream> open(const FactFiles& files, std::uintmax_t streamed_from = kStreamedFrom);

  std::size_t people() const { return people_->size(); }
  // Nothing at the end. Errors: those of a roster that is read as it arrives.
  base::Result<std::optional<model::PersonFacts>> next();

 private:
  std::unique_ptr<model::People> people_;  // does not move: the roster's stream refers to it
  model::People::iterator at_;
  std::optional<roster::PersonStream> roster_;
  std::optional<model::PersonFacts> rostered_;  // read, but not yet their turn
};

}  // namespace policy::tool
