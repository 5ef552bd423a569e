#include "gateway/gates/gate_keeper.h"

#include <algorithm>

#include "policy/replay/replay.h"

namespace gateway::gates {
namespace {

using policy::decide::Answers;
using policy::decide::Forecast;

// A day or so of somebody who works in shifts; what a stretch takes is why it is not more.
constexpr Forecast::Extent kAhead{.stretches_max = 8, .reach = policy::base::Seconds{7 * 86400}};
// A tick looks at this part of all gates, so at each of them every few minutes, and renews what ends within the hour.
constexpr std::size_t kTicksARound = 256;
constexpr std::size_t kLooksLeast = 16;
constexpr policy::base::Seconds kRenewBefore = policy::base::kHour;

GateState closed_gate() {
  GateState state;
  state.effects.fill(Effect::kHold);
  return state;
}

policy::model::PersonFacts with(policy::model::PersonFacts facts, const Openings& openings) {
  facts.overrides = openings.overrides;
  facts.self_openings = openings.self_openings;
  return facts;
}

}  // namespace

GateKeeper::GateKeeper(std::shared_ptr<const World> world)
    : world_(std::move(world)), answers_(std::make_unique<Answers>(world_->rules)) {}

const policy::model::PersonFacts* GateKeeper::facts(std::string_view person) const {
  if (const auto newer = newer_.find(person); newer != newer_.end()) return &newer->second;
  const auto found = world_->people.find(person);
  return found == world_->people.end() ? nullptr : &found->second;
}

GateState GateKeeper::state(std::string_view person, Instant now) const {
  const auto gate = gates_.find(person);
  if (gate != gates_.end() && gate->second.forecast.covers(now)) return gate->second.forecast.gate_at(now);
  return compute(person, now);
}

GateState GateKeeper::compute(std::string_view person, Instant now) const {
  const auto* const known = facts(person);
  return known == nullptr ? closed_gate() : policy::decide::gate_state(*world_->rules, *known, now);
}

policy::model::Decision GateKeeper::decide(std::string_view person, MessageClass message_class, Instant now) const {
  const auto gate = gates_.find(person);
  if (gate != gates_.end() && gate->second.forecast.covers(now))
    return decision_of(gate->second.forecast.at(message_class, now));
  const auto* const known = facts(person);
  return known == nullptr ? policy::model::Decision{}
                          : policy::decide::decide(*world_->rules, *known, message_class, now);
}

void GateKeeper::foresee(Entry& entry, Instant now) {
  const auto* const known = facts(entry.first);
  entry.second.forecast = known == nullptr ? Forecast() : Forecast(*answers_, *known, now, kAhead);
}

GateState GateKeeper::look(Entry& entry, Instant now) {
  if (!entry.second.forecast.covers(now)) foresee(entry, now);
  return entry.second.forecast.covers(now) ? entry.second.forecast.gate_at(now) : compute(entry.first, now);
}

policy::base::Sha256 GateKeeper::input(std::string_view person) {
  if (const auto remembered = inputs_.find(person); remembered != inputs_.end()) return remembered->second;
  const auto* const known = facts(person);
  if (known == nullptr) return {};
  return inputs_.emplace(std::string(person), policy::replay::input_of(*known)).first->second;
}

GateState GateKeeper::watch(std::string_view person, Instant now) {
  const auto [gate, is_new] = gates_.try_emplace(std::string(person));
  const GateState state = look(*gate, now);
  if (is_new) {
    gate->second.told = state.effects;
    enter(*gate, state.until);
  }
  ++gate->second.watchers;
  return state;
}

void GateKeeper::unwatch(std::string_view person) {
  const auto gate = gates_.find(person);
  if (gate == gates_.end() || --gate->second.watchers > 0) return;
  strike(*gate);
  gates_.erase(gate);
}

void GateKeeper::enter(Entry& entry, Instant until) {
  std::vector<Entry*>& then = agenda_[until];
  entry.second.until = until;
  entry.second.place = static_cast<std::uint32_t>(then.size());
  then.push_back(&entry);
}

void GateKeeper::strike(Entry& entry) {
  const auto then = agenda_.find(entry.second.until);
  Entry* const last = then->second.back();
  then->second[entry.second.place] = last;
  last->second.place = entry.second.place;
  then->second.pop_back();
  if (then->second.empty()) agenda_.erase(then);
}

void GateKeeper::recompute(Entry& entry, Instant now, std::vector<GateChange>& changes) {
  const GateState state = look(entry, now);
  enter(entry, state.until);
  if (std::exchange(entry.second.told, state.effects) != state.effects) changes.push_back({entry.first, state});
}

std::vector<GateChange> GateKeeper::recompute_all(Instant now) {
  std::vector<GateChange> changes;
  agenda_.clear();
  for (Entry& entry : gates_) recompute(entry, now, changes);
  return changes;
}

std::vector<GateChange> GateKeeper::advance(Instant now) {
  const bool set_back = now < latest_;
  latest_ = now;
  if (set_back) return recompute_all(now);
  std::vector<std::vector<Entry*>> due;
  for (auto next = agenda_.begin(); next != agenda_.end() && next->first <= now; next = agenda_.erase(next))
    due.push_back(std::move(next->second));
  std::vector<GateChange> changes;
  for (const auto& entries : due)
    for (Entry* const entry : entries) recompute(*entry, now, changes);
  renew_some(now);
  return changes;
}

void GateKeeper::renew_some(Instant now) {
  const std::size_t looks = std::min(gates_.size(), std::max(kLooksLeast, gates_.size() / kTicksARound));
  auto gate = gates_.upper_bound(renewed_);
  for (std::size_t i = 0; i < looks; ++i, ++gate) {
    if (gate == gates_.end()) gate = gates_.begin();
    if (gate->second.forecast.end() < now + kRenewBefore) foresee(*gate, now);
    if (i + 1 == looks) renewed_ = gate->first;
  }
}

std::vector<GateChange> GateKeeper::replace(std::shared_ptr<const World> world, Instant now) {
  for (Entry& entry : gates_) entry.second.forecast = Forecast();
  if (world->rules != world_->rules) answers_ = std::make_unique<Answers>(world->rules);
  world_ = std::move(world);
  newer_.clear();
  inputs_.clear();
  std::erase_if(opened_, [&](const auto& one) { return one.second.version <= world_->openings_version; });
  for (const auto& [person, openings] : opened_) {
    const auto known = world_->people.find(person);
    if (known != world_->people.end()) newer_.insert_or_assign(person, with(known->second, openings));
  }
  return recompute_all(now);
}

std::vector<GateChange> GateKeeper::put_facts(std::string_view person, policy::model::PersonFacts newer, Instant now) {
  newer_.insert_or_assign(std::string(person), std::move(newer));
  if (const auto known_input = inputs_.find(person); known_input != inputs_.end()) inputs_.erase(known_input);
  std::vector<GateChange> changes;
  if (const auto gate = gates_.find(person); gate != gates_.end()) {
    gate->second.forecast = Forecast();
    strike(*gate);
    recompute(*gate, now, changes);
  }
  return changes;
}

std::vector<GateChange> GateKeeper::interrupt(std::string_view person, policy::model::Interruption interruption,
                                              Instant now) {
  const auto* const known = facts(person);
  if (known == nullptr) return {};
  policy::model::PersonFacts newer = *known;
  const auto place = std::ranges::upper_bound(newer.interruptions, interruption.span.begin, {},
                                              [](const auto& one) { return one.span.begin; });
  newer.interruptions.insert(place, interruption);
  return put_facts(person, std::move(newer), now);
}

std::vector<GateChange> GateKeeper::open(std::string_view person, Openings openings, Instant now) {
  if (openings.version <= world_->openings_version) return {};
  const auto* const known = facts(person);
  std::vector<GateChange> changes;
  if (known != nullptr) changes = put_facts(person, with(*known, openings), now);
  opened_.insert_or_assign(std::string(person), std::move(openings));
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
