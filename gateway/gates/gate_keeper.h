// The gates of the people who are connected to one loop: open or closed, with the instant of the next change.
//
// A gate is never switched; it is computed from rules, facts and the time, so every gateway that knows the same world
// comes to the same answer without asking another. The keeper only remembers who is watched and who changes next.
//
// Fails closed: somebody who is not in the world has every class held. A clock that is set back is noticed, and all
// gates are computed again.
//
// One loop's thread only; no Asio, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/decide/decide.h"
#include "policy/model/facts.h"
#include "policy/pack/rule_set.h"

namespace gateway::gates {

using policy::base::Instant;
using policy::decide::GateState;
using policy::model::Effect;
using policy::model::MessageClass;

// What every gate is computed from. Immutable once built; loops share it.
struct World {
  std::shared_ptr<const policy::pack::RuleSet> rules;
  policy::model::People people;
};

struct GateChange {
  std::string person;
  GateState state;
};

class GateKeeper {
 public:
  explicit GateKeeper(std::shared_ptr<const World> world);

  // Counted: as many unwatch() as watch() end the watching.
  GateState watch(std::string_view person, Instant now);
  void unwatch(std::string_view person);
  std::size_t watched() const { return gates_.size(); }

  // The gates of watched people whose effects changed up to `now`, each once.
  std::vector<GateChange> advance(Instant now);
  // New rules, rosters or people: interruptions added before are expected to be in it.
  std::vector<GateChange> replace(std::shared_ptr<const World> world, Instant now);
  // Something reached this person at rest (an alarm, a call-out): the rules say whether a rest begins anew.
  std::vector<GateChange> interrupt(std::string_view person, policy::model::Interruption interruption, Instant now);

  // For anybody in the world; of somebody watched the remembered state, which costs a look-up.
  GateState state(std::string_view person, Instant now) const;
  policy::model::Decision decide(std::string_view person, MessageClass message_class, Instant now) const;
  // Null for somebody who is not in the world.
  const policy::model::PersonFacts* facts(std::string_view person) const;
  const World& world() const { return *world_; }

 private:
  struct Gate {
    GateState state;
    Instant computed;
    std::uint32_t watchers = 0;
  };
  using Gates = std::map<std::string, Gate, std::less<>>;

  GateState compute(std::string_view person, Instant now) const;
  void recompute(Gates::iterator gate, Instant now, std::vector<GateChange>& changes);
  std::vector<GateChange> recompute_all(Instant now);

  std::shared_ptr<const World> world_;
  std::map<std::string, policy::model::PersonFacts, std::less<>> interrupted_;  // newer than the world
  Gates gates_;
  std::set<std::pair<Instant, std::string_view>> changes_next_;  // views into the keys of gates_
  Instant latest_ = policy::base::kBeginningOfTime;
};

// Bit 0 = routine … bit 3 = alarm: what may be sent to a device now. `foreground`: the person has opened the app, so
// that silent classes come too.
std::uint32_t class_bits(const GateState& state, bool foreground);

}  // namespace gateway::gates
