#include "policy/decide/decide.h"

#include <algorithm>

#include "policy/decide/scene.h"

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;
using base::Seconds;

constexpr Seconds kFirstLook = base::kDay;   // most gates change within a day
constexpr Seconds kLongestLook{64 * 86400};  // bounds what one look expands

// Looks ahead piece by piece, each twice as long as the one before. `visit(scene, stretch)` is called for neighbouring
// stretches on which nothing changes, until it returns false or `to` is reached.
template <typename Visit>
void look_ahead(const pack::Rules& rules, const model::PersonFacts& facts, Instant from, Instant to, Visit visit) {
  Seconds look = kFirstLook;
  while (from < to) {
    const Instant end = std::min(from + look, to);
    const Scene scene(rules, facts, {from, end});
    const std::vector<Instant> boundaries = scene.boundaries();
    for (std::size_t i = 0; i < boundaries.size(); ++i)
      if (!visit(scene, Interval{boundaries[i], i + 1 < boundaries.size() ? boundaries[i + 1] : end})) return;
    from = end;
    look = std::min(look + look, kLongestLook);
  }
}

std::vector<std::string> all_ids(const pack::Rules& rules, const model::PersonFacts& facts) {
  std::vector<std::string> ids;
  for (const pack::RestRule* rule : rules_for(rules, facts)) ids.push_back(rule->head.id);
  return ids;
}

// Can this class be held or silenced for the person at all?
bool ever_closed(const pack::Rules& rules, const model::PersonFacts& facts, std::size_t message_class) {
  return std::ranges::any_of(rules_for(rules, facts), [&](const pack::RestRule* rule) {
    return rule->effects[message_class] != model::Effect::kDeliver;
  });
}

}  // namespace

model::Decision decide(const pack::RuleSet& rule_set, const model::PersonFacts& facts,
                       model::MessageClass message_class, Instant now) {
  const pack::Rules& rules = rule_set.rules();
  const std::size_t c = pack::index_of(message_class);
  if (!ever_closed(rules, facts, c)) return {model::Effect::kDeliver, {}, base::kEndOfTime};
  if (!evaluable(facts)) return {model::Effect::kHold, all_ids(rules, facts), base::kEndOfTime};
  model::Decision decision;
  bool first = true;
  const pack::ClassSet only(1ULL << c);
  look_ahead(rules, facts, now, search_end(rules, facts, only, now), [&](const Scene& scene, const Interval& stretch) {
    const model::Effect effect = scene.effects_at(stretch.begin).of[c];
    if (first) {
      decision = {effect, scene.rules_at(stretch.begin, message_class, effect), base::kEndOfTime};
      first = false;
    } else if (effect != decision.effect) {
      decision.until = stretch.begin;
      return false;
    }
    return true;
  });
  return decision;
}

GateState gate_state(const pack::RuleSet& rule_set, const model::PersonFacts& facts, Instant now) {
  const pack::Rules& rules = rule_set.rules();
  GateState state;
  if (rules_for(rules, facts).empty()) return state;
  if (!evaluable(facts)) {
    for (const model::MessageClass c : model::kMessageClasses)
      state.effects[pack::index_of(c)] = decide(rule_set, facts, c, now).effect;
    return state;
  }
  bool first = true;
  const Instant end = search_end(rules, facts, pack::ClassSet().set(), now);
  look_ahead(rules, facts, now, end, [&](const Scene& scene, const Interval& stretch) {
    const auto effects = scene.effects_at(stretch.begin).of;
    if (first) {
      state.effects = effects;
      first = false;
    } else if (effects != state.effects) {
      state.until = stretch.begin;
      return false;
    }
    return true;
  });
  return state;
}

std::vector<model::Stretch> timeline(const pack::RuleSet& rule_set, const model::PersonFacts& facts,
                                     model::MessageClass message_class, Interval span) {
  const pack::Rules& rules = rule_set.rules();
  std::vector<model::Stretch> line;
  if (span.empty()) return line;
  if (!evaluable(facts)) {
    const model::Decision decision = decide(rule_set, facts, message_class, span.begin);
    return {{span, decision.effect, decision.rules}};
  }
  const std::size_t c = pack::index_of(message_class);
  look_ahead(rules, facts, span.begin, span.end, [&](const Scene& scene, const Interval& stretch) {
    const model::Effect effect = scene.effects_at(stretch.begin).of[c];
    auto ids = scene.rules_at(stretch.begin, message_class, effect);
    if (!line.empty() && line.back().effect == effect && line.back().rules == ids) {
      line.back().span.end = stretch.end;
    } else {
      line.push_back({stretch, effect, std::move(ids)});
    }
    return true;
  });
  return line;
}

}  // namespace policy::decide
