// The gates of the people who are connected to one loop: open or closed, with the instant of the next change.
//
// A gate is never switched; it is computed from rules, facts and the time, so every gateway that knows the same world
// comes to the same answer without asking another. The keeper only remembers who is watched, what is ahead of them (a
// forecast of a day or so each, a few hundred bytes) and who changes next. Forecasts are renewed a few a tick long
// before they end, so that a change of shifts, when thousands of gates open in one second, is nothing but looking up.
//
// Fails closed: somebody who is not in the world has every class held. A clock that is set back is noticed, and all
// gates are computed again.
//
// One loop's thread only; no Asio, no clock.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/bundle/pins.h"
#include "policy/decide/decide.h"
#include "policy/decide/forecast.h"
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
  // What entries of the log say a decision was made of.
  policy::bundle::Pins pins = {};
  policy::base::Sha256 roster = {};    // of the roster's and the interruptions' bytes
  std::uint64_t openings_version = 0;  // of the openings that are in `people`
};

// All overrides and openings of one person, as stored. Each change has a higher version than all before it, whomever
// they were about.
struct Openings {
  std::uint64_t version = 0;
  std::vector<policy::model::Override> overrides;  // both sorted by begin
  std::vector<policy::model::SelfOpening> self_openings;
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

  // Somebody in a role opened this person's gate, or the person did, or closed it again. Kept until a world comes that
  // was built later than it.
  std::vector<GateChange> open(std::string_view person, Openings openings, Instant now);

  // For anybody in the world; of somebody watched both are looked up.
  GateState state(std::string_view person, Instant now) const;
  policy::model::Decision decide(std::string_view person, MessageClass message_class, Instant now) const;
  // Null for somebody who is not in the world.
  const policy::model::PersonFacts* facts(std::string_view person) const;
  // policy::replay::input_of their facts, remembered until these change; zero for somebody who is not in the world.
  policy::base::Sha256 input(std::string_view person);
  const World& world() const { return *world_; }

 private:
  struct Gate {
    policy::decide::Forecast forecast;
    Instant until;            // under which it stands in agenda_, …
    std::uint32_t place = 0;  // … and there in this place
    std::uint32_t watchers = 0;
    std::array<Effect, policy::model::kMessageClassCount> told{};
  };
  using Gates = std::map<std::string, Gate, std::less<>>;
  using Entry = Gates::value_type;

  void foresee(Entry& entry, Instant now);
  GateState compute(std::string_view person, Instant now) const;
  GateState look(Entry& entry, Instant now);  // makes a new forecast where the old one does not reach
  void recompute(Entry& entry, Instant now, std::vector<GateChange>& changes);
  std::vector<GateChange> recompute_all(Instant now);
  void renew_some(Instant now);
  std::vector<GateChange> put_facts(std::string_view person, policy::model::PersonFacts newer, Instant now);
  void enter(Entry& entry, Instant until);  // into agenda_
  void strike(Entry& entry);                // from agenda_

  std::shared_ptr<const World> world_;
  std::unique_ptr<policy::decide::Answers> answers_;  // of the world's rules; the forecasts refer to it
  std::map<std::string, policy::base::Sha256, std::less<>> inputs_;
  std::map<std::string, policy::model::PersonFacts, std::less<>> newer_;  // than the world
  std::map<std::string, Openings, std::less<>> opened_;                   // which are in newer_
  Gates gates_;
  std::map<Instant, std::vector<Entry*>> agenda_;  // each gate once, under the instant of its next change
  std::string renewed_;                            // the last one that renew_some() looked at
  Instant latest_ = policy::base::kBeginningOfTime;
};

// Bit 0 = routine … bit 3 = alarm: what may be sent to a device now. `foreground`: the person has opened the app, so
// that silent classes come too.
std::uint32_t class_bits(const GateState& state, bool foreground);

}  // namespace gateway::gates
