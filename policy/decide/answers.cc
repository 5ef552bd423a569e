#include "policy/decide/answers.h"

#include <algorithm>

namespace policy::decide {
namespace {

using model::Effect;

constexpr std::uint32_t kClassBits = model::kMessageClassCount;
static_assert(pack::kRulesMax < (1ULL << (32 - kClassBits)));

std::uint32_t packed(const Effects& effects) {
  std::uint32_t out = 0;
  for (const Effect effect : effects.of) out = out * 4 + static_cast<std::uint32_t>(effect);
  return out;
}

}  // namespace

Answers::Answers(std::shared_ptr<const pack::RuleSet> rules, std::size_t most)
    : rules_(std::move(rules)), most_(most) {}

std::optional<AnswerIndex> Answers::find(const Scene& scene, base::Instant instant) {
  scene.counting_at(instant, counting_);
  Effects effects;
  for (const Counting& one : counting_)
    for (std::size_t c = 0; c < kClassBits; ++c)
      if (one.classes[c]) effects.of[c] = std::max(effects.of[c], one.rule->effects[c]);
  key_.assign(1, packed(effects));
  for (const Counting& one : counting_) {
    pack::ClassSet named;
    for (std::size_t c = 0; c < kClassBits; ++c)
      named[c] = one.classes[c] && effects.of[c] != Effect::kDeliver && one.rule->effects[c] == effects.of[c];
    add(*one.rule, named);
  }
  return keep(effects);
}

std::optional<AnswerIndex> Answers::find_closed(const Subject& subject) {
  const auto own = subject.rests();
  pack::ClassSet closed;
  Effects effects;
  for (std::size_t c = 0; c < kClassBits; ++c) {
    closed[c] = std::ranges::any_of(own, [&](const auto* rule) { return rule->effects[c] != Effect::kDeliver; });
    if (closed[c]) effects.of[c] = Effect::kHold;
  }
  key_.assign(1, packed(effects));
  for (const pack::RestRule* rule : own) add(*rule, closed);
  return keep(effects);
}

void Answers::add(const pack::RestRule& rule, pack::ClassSet classes) {
  const auto number = static_cast<std::uint32_t>(&rule - rules_->rules().rests.data());
  if (classes.any()) key_.push_back((number << kClassBits) | static_cast<std::uint32_t>(classes.to_ulong()));
}

std::optional<AnswerIndex> Answers::keep(const Effects& effects) {
  if (const auto known = index_.find(key_); known != index_.end()) return known->second;
  if (answers_.size() >= most_) return std::nullopt;
  Kept& kept = answers_.emplace_back();
  kept.answer.effects = effects.of;
  std::array<std::size_t, kClassBits + 1> begins{};
  for (std::size_t c = 0; c < kClassBits; ++c) {
    for (const std::uint32_t named : std::span(key_).subspan(1))
      if ((named >> c & 1U) != 0) kept.ids.emplace_back(rules_->rules().rests[named >> kClassBits].head.id);
    begins[c + 1] = kept.ids.size();
  }
  for (std::size_t c = 0; c < kClassBits; ++c)
    kept.answer.rules[c] = std::span(kept.ids).subspan(begins[c], begins[c + 1] - begins[c]);
  const auto index = static_cast<AnswerIndex>(answers_.size() - 1);
  index_.emplace(key_, index);
  return index;
}

}  // namespace policy::decide
