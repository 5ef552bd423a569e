#include "policy/pack/resolution.h"

namespace policy::pack {
namespace {

using base::printable;
using base::Seconds;

class ParameterResolver {
 public:
  explicit ParameterResolver(Resolution resolution) : in_(resolution) {}

  void run() {
    collect();
    for (std::size_t i = 0; i < in_.drafts.size(); ++i)
      for (const UseDraft& use : in_.drafts[i].uses) add_use(i, use);
    for (std::size_t i = 0; i < in_.drafts.size(); ++i)
      for (const SetDraft& set : in_.drafts[i].sets) apply(i, set);
    for (RestRule& rule : in_.rules.rests) fill(rule);
  }

 private:
  void collect() {
    for (std::size_t i = 0; i < in_.drafts.size(); ++i) {
      for (Parameter& parameter : in_.drafts[i].parameters) {
        parameter.head.pack = i;
        in_.rules.parameters.push_back(std::move(parameter));
      }
    }
    used_as_.resize(in_.rules.parameters.size());
  }

  std::optional<std::size_t> find(std::size_t pack, const TextAt& id) {
    const auto id_of = [](const Parameter& parameter) { return parameter.head.id; };
    const auto found = std::ranges::find(in_.rules.parameters, id.text, id_of);
    if (found != in_.rules.parameters.end()) return static_cast<std::size_t>(found - in_.rules.parameters.begin());
    std::vector<std::string> ids;
    for (const Parameter& parameter : in_.rules.parameters) ids.push_back(parameter.head.id);
    in_.sink(pack).add("pack.unknown-id", id.at, "parameter '" + printable(id.text) + "'",
                       "the id of a [[parameter]] of any loaded pack", did_you_mean(id.text, ids));
    return std::nullopt;
  }

  // A weaker layer must not decide about a stronger rule, which it would if the parameter and its bounds were its own.
  void add_use(std::size_t pack, const UseDraft& use) {
    const auto index = find(pack, use.parameter);
    if (!index) return;
    const Parameter& parameter = in_.rules.parameters[*index];
    if (stronger(in_.layer(pack), parameter.head.layer)) {
      in_.sink(pack).add("pack.layer", use.parameter.at,
                         "parameter '" + parameter.head.id + "' of layer " +
                             std::string(name_of(parameter.head.layer)) + " used by layer " +
                             std::string(name_of(in_.layer(pack))),
                         "parameters of the same or a stronger layer");
      return;
    }
    // More rest protects more, but less grace, less lead and a lower threshold: one parameter cannot be both.
    auto& used_as = used_as_[*index];
    const bool differs = used_as && (*used_as == Term::kMinimum) != (use.term == Term::kMinimum);
    if (differs) {
      in_.sink(pack).add("pack.parameter", use.parameter.at,
                         "parameter '" + parameter.head.id + "' used as " + std::string(name_of(*used_as)) +
                             " and as " + std::string(name_of(use.term)),
                         "one direction in which it protects more", "declare two parameters");
      return;
    }
    used_as = use.term;
    const auto rule = std::ranges::find(in_.rules.rests, use.rule, [](const RestRule& rest) { return rest.head.id; });
    if (rule != in_.rules.rests.end()) rule->uses.push_back({use.term, *index});
  }

  void apply(std::size_t pack, const SetDraft& set) {
    const auto index = find(pack, set.parameter);
    if (!index) return;
    Parameter& parameter = in_.rules.parameters[*index];
    if (stronger(in_.layer(pack), parameter.head.layer)) {
      in_.sink(pack).add("pack.layer", set.parameter.at,
                         "parameter '" + parameter.head.id + "' of layer " +
                             std::string(name_of(parameter.head.layer)) + " set by layer " +
                             std::string(name_of(in_.layer(pack))),
                         "parameters of the same or a stronger layer");
      return;
    }
    const bool shrinks = used_as_[*index] && *used_as_[*index] != Term::kMinimum;
    if (!within_bounds(pack, set, parameter, shrinks)) return;
    // Of several values the most protective one counts.
    const bool protects = !parameter.value || (shrinks ? set.value < *parameter.value : set.value > *parameter.value);
    if (!protects) return;
    parameter.value = set.value;
    parameter.set_by = set.cite;
  }

  bool within_bounds(std::size_t pack, const SetDraft& set, const Parameter& parameter, bool shrinks) {
    const Seconds least = parameter.least.value_or(Seconds{});
    const Seconds most = std::min(parameter.most.value_or(kRestMax), shrinks ? kGraceMax : kRestMax);
    if (least <= set.value && set.value <= most) return true;
    in_.sink(pack).add("pack.parameter", set.at,
                       "parameter '" + parameter.head.id + "' set to " + base::format_duration(set.value),
                       base::format_duration(least) + " to " + base::format_duration(most));
    return false;
  }

  static Seconds* term_of(RestRule& rule, Term term) {
    switch (term) {
      case Term::kMinimum: return &rule.terms.minimum;
      case Term::kGrace: return &rule.terms.grace;
      case Term::kLead: return &rule.terms.lead;
      case Term::kRestart: break;
    }
    return &rule.terms.restart.threshold;
  }

  void fill(RestRule& rule) {
    for (const ParameterUse& use : rule.uses) {
      const auto& value = in_.rules.parameters[use.parameter].value;
      if (!value) {
        rule.unset = true;
        continue;
      }
      *term_of(rule, use.term) = *value;
    }
    if (!rule.unset) return;
    for (model::Effect& effect : rule.effects)
      if (effect != model::Effect::kDeliver) effect = model::Effect::kHold;
  }

  Resolution in_;
  std::vector<std::optional<Term>> used_as_;  // by parameter
};

}  // namespace

void resolve_parameters(Resolution resolution) { ParameterResolver(resolution).run(); }

}  // namespace policy::pack
