#include "gateway/gates/gate_keeper.h"

#include <algorithm>

namespace gateway::gates {
namespace {

GateState closed_gate() {
  GateState state;
  state.effects.fill(Effect::kHold);
  return state;
}

}  // namespace

GateKeeper::GateKeeper(std::shared_ptr<const World> world) : world_(std::move(world)) {}

const policy::model::PersonFacts* GateKeeper::facts(std::string_view person) const {
  if (const auto newer = interrupted_.find(person); newer != interrupted_.end()) return &newer->second;
  const auto found = world_->people.find(person);
  return found == world_->people.end() ? nullptr : &found->second;
}

GateState GateKeeper::state(std::string_view person, Instant now) const {
  const auto gate = gates_.find(person);
  if (gate == gates_.end() || now < gate->second.computed || now >= gate->second.state.until)
    return compute(person, now);
  return gate->second.state;
}

GateState GateKeeper::compute(std::string_view person, Instant now) const {
  const auto* const known = facts(person);
  return known == nullptr ? closed_gate() : policy::decide::gate_state(*world_->rules, *known, now);
}

policy::model::Decision GateKeeper::decide(std::string_view person, MessageClass message_class, Instant now) const {
  const auto* const known = facts(person);
  return known == nullptr ? policy::model::Decision{}
                          : policy::decide::decide(*world_->rules, *known, message_class, now);
}

GateState GateKeeper::watch(std::string_view person, Instant now) {
  auto gate = gates_.find(person);
  if (gate == gates_.end()) {
    gate = gates_.emplace(std::string(person), Gate{compute(person, now), now, 0}).first;
    changes_next_.emplace(gate->second.state.until, gate->first);
  }
  ++gate->second.watchers;
  return gate->second.state;
}

void GateKeeper::unwatch(std::string_view person) {
  const auto gate = gates_.find(person);
  if (gate == gates_.end() || --gate->second.watchers > 0) return;
  changes_next_.erase({gate->second.state.until, gate->first});
  gates_.erase(gate);
}

void GateKeeper::recompute(Gates::iterator gate, Instant now, std::vector<GateChange>& changes) {
  changes_next_.erase({gate->second.state.until, gate->first});
  const GateState before = std::exchange(gate->second.state, compute(gate->first, now));
  gate->second.computed = now;
  changes_next_.emplace(gate->second.state.until, gate->first);
  if (before.effects != gate->second.state.effects) changes.push_back({gate->first, gate->second.state});
}

std::vector<GateChange> GateKeeper::recompute_all(Instant now) {
  std::vector<GateChange> changes;
  for (auto gate = gates_.begin(); gate != gates_.end(); ++gate) recompute(gate, now, changes);
  return changes;
}

std::vector<GateChange> GateKeeper::advance(Instant now) {
  const bool set_back = now < latest_;
  latest_ = now;
  if (set_back) return recompute_all(now);
  std::vector<GateChange> changes;
  std::vector<Gates::iterator> due;
  for (const auto& [until, person] : changes_next_) {
    if (until > now) break;
    due.push_back(gates_.find(person));
  }
  for (const auto gate : due) recompute(gate, now, changes);
  return changes;
}

std::vector<GateChange> GateKeeper::replace(std::shared_ptr<const World> world, Instant now) {
  world_ = std::move(world);
  interrupted_.clear();
  return recompute_all(now);
}

std::vector<GateChange> GateKeeper::interrupt(std::string_view person, policy::model::Interruption interruption,
                                              Instant now) {
  const auto* const known = facts(person);
  if (known == nullptr) return {};
  policy::model::PersonFacts newer = *known;
  const auto place = std::ranges::upper_bound(newer.interruptions, interruption.span.begin, {},
                                              [](const auto& one) { return one.span.begin; });
  newer.interruptions.insert(place, interruption);
  interrupted_.insert_or_assign(std::string(person), std::move(newer));
  std::vector<GateChange> changes;
  if (const auto gate = gates_.find(person); gate != gates_.end()) recompute(gate, now, changes);
  return changes;
}

std::uint32_t class_bits(const GateState& state, bool foreground) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < state.effects.size(); ++i) {
    const bool passes = state.effects[i] == Effect::kDeliver || (state.effects[i] == Effect::kSilent && foreground);
    if (passes) bits |= 1U << i;
  }
  return bits;
}

}  // namespace gateway::gates
