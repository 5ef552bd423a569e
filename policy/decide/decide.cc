#include "policy/decide/decide.h"

#include <algorithm>

#include "policy/decide/look.h"

namespace policy::decide {
namespace {

using base::Instant;
using base::Interval;

std::vector<std::string> all_ids(const Subject& subject) {
  std::vector<std::string> ids;
  for (const pack::RestRule* rule : subject.rests()) ids.push_back(rule->head.id);
  return ids;
}

// Can this class be held or silenced for the person at all?
bool ever_closed(const Subject& subject, std::size_t message_class) {
  return std::ranges::any_of(subject.rests(), [&](const pack::RestRule* rule) {
    return rule->effects[message_class] != model::Effect::kDeliver;
  });
}

model::Decision decide_for(const Subject& subject, model::MessageClass message_class, Instant now) {
  const std::size_t c = pack::index_of(message_class);
  if (!ever_closed(subject, c)) return {model::Effect::kDeliver, {}, base::kEndOfTime};
  if (!subject.evaluable()) return {model::Effect::kHold, all_ids(subject), base::kEndOfTime};
  model::Decision decision;
  bool first = true;
  const pack::ClassSet only(1ULL << c);
  const Instant end = search_end(subject, only, now);
  look_ahead(subject, only, now, end, [&](const Scene& scene, const Interval& stretch) {
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

}  // namespace

Instant next_change(const Subject& subject, std::size_t message_class, model::Effect effect, Instant from) {
  const pack::ClassSet only(1ULL << message_class);
  Instant found = base::kEndOfTime;
  look_ahead(subject, only, from, search_end(subject, only, from), [&](const Scene& scene, const Interval& stretch) {
    if (scene.effects_at(stretch.begin).of[message_class] == effect) return true;
    found = stretch.begin;
    return false;
  });
  return found;
}

model::Decision decide(const pack::RuleSet& rules, const model::PersonFacts& facts, model::MessageClass message_class,
                       Instant now) {
  return decide_for(Subject(rules.rules(), facts), message_class, now);
}

GateState gate_state(const pack::RuleSet& rules, const model::PersonFacts& facts, Instant now) {
  const Subject subject(rules.rules(), facts);
  GateState state;
  if (subject.rests().empty()) return state;
  if (!subject.evaluable()) {
    for (const model::MessageClass c : model::kMessageClasses)
      state.effects[pack::index_of(c)] = decide_for(subject, c, now).effect;
    return state;
  }
  bool first = true;
  const pack::ClassSet all = pack::ClassSet().set();
  look_ahead(subject, all, now, search_end(subject, all, now), [&](const Scene& scene, const Interval& stretch) {
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

std::vector<model::Stretch> timeline(const pack::RuleSet& rules, const model::PersonFacts& facts,
                                     model::MessageClass message_class, Interval span) {
  const Subject subject(rules.rules(), facts);
  std::vector<model::Stretch> line;
  if (span.empty()) return line;
  if (!subject.evaluable()) {
    const model::Decision decision = decide_for(subject, message_class, span.begin);
    return {{span, decision.effect, decision.rules}};
  }
  const std::size_t c = pack::index_of(message_class);
  look_ahead(subject, pack::ClassSet(1ULL << c), span.begin, span.end,
             [&](const Scene& scene, const Interval& stretch) {
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
