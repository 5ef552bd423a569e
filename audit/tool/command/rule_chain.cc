#include "audit/tool/command/rule_chain.h"

#include <algorithm>

namespace audit::tool {
namespace {

bool activates(event::RecordType type) {
  return type == event::RecordType::kRulesActivated || type == event::RecordType::kRulesBundleActivated;
}

std::optional<event::Digest> bundle_of(const event::Record& record) {
  std::optional<event::Digest> found;
  std::visit(
      [&](const auto& one) {
        event::visit_fields(one, [&](const event::FieldInfo& field, const auto& value) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(value)>, event::Digest>)
            if (field.name == "bundle") found = value;
        });
      },
      record);
  return found;
}

}  // namespace

Result<std::optional<std::uint64_t>> RuleChain::rules_of(const Shown& shown) {
  if (!shown.event || activates(shown.leaf.type)) return std::nullopt;
  const auto bundle = bundle_of(shown.event->record);
  if (!bundle) return std::nullopt;
  for (read_ = std::max(read_, reader_.first()); read_ < shown.index; ++read_) {
    const auto leaf = reader_.leaf(read_);
    if (!leaf) return std::unexpected(leaf.error());
    if (!activates(leaf->type)) continue;
    const auto earlier = read_shown(reader_, read_);
    if (!earlier) return std::unexpected(earlier.error());
    if (earlier->event)
      if (const auto named = bundle_of(earlier->event->record)) in_force_[*named] = read_;
  }
  const auto found = in_force_.find(*bundle);
  if (found == in_force_.end() || found->second >= shown.index) return std::nullopt;
  return found->second;
}

Result<Shown> read_whole(LogReader& reader, RuleChain& chain, std::uint64_t index, bool prove) {
  auto shown = read_shown(reader, index);
  if (!shown) return shown;
  if (prove) shown->proven = is_proven(reader, index).value_or(false);
  const auto rules = chain.rules_of(*shown);
  if (!rules) return std::unexpected(rules.error());
  shown->rules_entry = *rules;
  return shown;
}

}  // namespace audit::tool
