// From drafts to one RuleSet: names resolved, layers checked, settings combined.
#include <sodium.h>

#include <algorithm>
#include <map>

#include "policy/base/bytes.h"
#include "policy/pack/resolution.h"

namespace policy::pack {
namespace {

using base::printable;
using base::Seconds;

std::string digest_of(std::span<const PackSource> sources) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const PackSource& source : sources) {
    std::array<std::uint8_t, 8> size{};
    for (std::size_t i = 0; i < size.size(); ++i)
      size[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(source.toml.size()) >> (8 * (7 - i)));
    crypto_hash_sha256_update(&state, size.data(), size.size());
    const base::ByteView bytes = base::as_bytes(source.toml);
    crypto_hash_sha256_update(&state, bytes.data(), bytes.size());
  }
  std::array<std::uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256_final(&state, hash.data());
  return base::to_hex(hash);
}

}  // namespace

class Loader {
 public:
  explicit Loader(std::vector<PackDraft> drafts, Errors& errors) : drafts_(std::move(drafts)), errors_(errors) {}

  std::shared_ptr<const RuleSet> combine(std::string digest) {
    check_ids();
    collect_packs();
    collect_rests();
    const Resolution resolution{drafts_, rules_, errors_};
    resolve_parameters(resolution);
    for (RestRule& rule : rules_.rests) rule.declared = rule.terms;
    for (std::size_t i = 0; i < drafts_.size(); ++i) adapt(i);
    for (std::size_t i = 0; i < drafts_.size(); ++i) collect_exceptions(i);
    for (std::size_t i = 0; i < drafts_.size(); ++i) collect_others(i);
    resolve_duty_views();
    combine_settings(resolution);
    combine_log(resolution);
    check_sizes();
    combine_content(resolution);
    rules_.digest = std::move(digest);
    if (!errors_.empty()) return nullptr;
    return std::shared_ptr<const RuleSet>(new RuleSet(std::move(rules_)));
  }

 private:
  ErrorSink sink(std::size_t pack) { return {drafts_[pack].pack.source, errors_}; }

  void check_ids() {
    std::map<std::string, std::string> packs, rules;
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      check_id(i, packs, {drafts_[i].pack.id, drafts_[i].id_at}, "pack");
      for (const TextAt& id : drafts_[i].rule_ids) check_id(i, rules, id, "rule");
    }
  }

  void check_id(std::size_t pack, std::map<std::string, std::string>& seen, const TextAt& id, const char* what) {
    if (id.text.empty()) return;
    const auto [first, fresh] = seen.emplace(id.text, where(drafts_[pack].pack.source, id.at));
    if (fresh) return;
    sink(pack).add("pack.duplicate-id", id.at, std::string(what) + " id '" + id.text + "' again",
                   "ids that are unique over all loaded packs", "the first is at " + printable(first->second, 200));
  }

  void collect_packs() {
    for (const PackDraft& draft : drafts_) {
      rules_.packs.push_back(draft.pack);
      rules_.packs.back().own = own_of(draft);
      if (draft.pack.zone && rules_.zone.empty()) {
        rules_.zone = draft.pack.zone->name();
        rules_.zone_table = draft.pack.zone;
      }
    }
    if (!rules_.zone_table) {
      rules_.zone = "UTC";
      if (auto utc = time::Zone::find("UTC"))
        rules_.zone_table = std::make_shared<const time::Zone>(std::move(*utc));
      else
        errors_.push_back(utc.error());
    }
  }

  void collect_rests() {
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      for (RestRule& rule : drafts_[i].rests) {
        rule.head.pack = i;
        rules_.rests.push_back(std::move(rule));
      }
    }
    std::ranges::sort(rules_.rests, {}, [](const RestRule& rule) { return std::tie(rule.head.layer, rule.head.id); });
  }

  std::vector<std::string> rest_ids() const {
    std::vector<std::string> ids;
    for (const RestRule& rule : rules_.rests) ids.push_back(rule.head.id);
    return ids;
  }

  RestRule* find_rest(std::size_t pack, const TextAt& id) {
    const auto found = std::ranges::find(rules_.rests, id.text, [](const RestRule& rule) { return rule.head.id; });
    if (found != rules_.rests.end()) return &*found;
    sink(pack).add("pack.unknown-id", id.at, "rest rule '" + printable(id.text) + "'",
                   "the id of a [[rest]] of any loaded pack", did_you_mean(id.text, rest_ids()));
    return nullptr;
  }

  // `protects`: the adapted value must stay on the protecting side of the bound.
  template <typename Compare>
  void adapt_value(std::size_t pack, const AdaptDraft& adapt, std::string_view key, std::optional<Seconds> wanted,
                   std::optional<Seconds> bound, Seconds& value, bool& touched, Compare protects) {
    if (!wanted) return;
    if (!bound) {
      sink(pack).add("pack.adapt", adapt.at, "'" + std::string(key) + "' of rule '" + adapt.rule.text + "' adapted",
                     "only what the rule declares adaptable");
      return;
    }
    if (!protects(*wanted, *bound)) {
      sink(pack).add(
          "pack.adapt", adapt.at,
          "'" + std::string(key) + "' of rule '" + adapt.rule.text + "' adapted to " + base::format_duration(*wanted),
          "not beyond the bound of the rule, " + base::format_duration(*bound));
      return;
    }
    // Of several adaptations the most protective one counts.
    if (!touched || protects(*wanted, value)) value = *wanted;
    touched = true;
  }

  void adapt(std::size_t pack) {
    for (const AdaptDraft& adapt : drafts_[pack].adapts) {
      RestRule* rule = find_rest(pack, adapt.rule);
      if (rule == nullptr) continue;
      if (!stronger(rule->head.layer, drafts_[pack].pack.layer)) {
        sink(pack).add("pack.adapt", adapt.at,
                       "rule '" + adapt.rule.text + "' of layer " + std::string(name_of(rule->head.layer)) +
                           " adapted by layer " + std::string(name_of(drafts_[pack].pack.layer)),
                       "a rule of a stronger layer", "change the rule itself");
        continue;
      }
      const auto at_least = [](Seconds a, Seconds b) { return a >= b; };
      const auto at_most = [](Seconds a, Seconds b) { return a <= b; };
      auto& touched = touched_[rule->head.id];
      adapt_value(pack, adapt, "minimum", adapt.values.minimum, rule->adaptable.minimum, rule->terms.minimum,
                  touched[0], at_least);
      adapt_value(pack, adapt, "grace", adapt.values.grace, rule->adaptable.grace, rule->terms.grace, touched[1],
                  at_most);
      adapt_value(pack, adapt, "lead", adapt.values.lead, rule->adaptable.lead, rule->terms.lead, touched[2], at_most);
      if (!rule->adapted_cite.empty()) rule->adapted_cite += "; ";
      rule->adapted_cite += adapt.cite;
    }
  }

  void collect_exceptions(std::size_t pack) {
    for (ExceptionDraft& draft : drafts_[pack].exceptions) {
      ExceptionRule rule = std::move(draft.rule);
      rule.head.pack = pack;
      for (const TextAt& id : draft.pierces) {
        const RestRule* rest = find_rest(pack, id);
        if (rest == nullptr) continue;
        if (stronger(rest->head.layer, rule.head.layer)) {
          sink(pack).add("pack.layer", id.at,
                         "rule '" + id.text + "' of layer " + std::string(name_of(rest->head.layer)) +
                             " pierced by layer " + std::string(name_of(rule.head.layer)),
                         "rules of the same or a weaker layer", "a weaker layer may only protect more");
          continue;
        }
        rule.pierces.push_back(static_cast<std::size_t>(rest - rules_.rests.data()));
      }
      for (std::size_t i = 0; draft.pierces_all && i < rules_.rests.size(); ++i)
        if (!stronger(rules_.rests[i].head.layer, rule.head.layer)) rule.pierces.push_back(i);
      rules_.exceptions.push_back(std::move(rule));
    }
  }

  void collect_others(std::size_t pack) {
    const auto take = [&](auto& from, auto& to) {
      for (auto& rule : from) {
        rule.head.pack = pack;
        to.push_back(std::move(rule));
      }
    };
    take(drafts_[pack].retentions, rules_.retentions);
    take(drafts_[pack].alarms, rules_.alarms);
    for (ClaimDraft& claim : drafts_[pack].claims) {
      claim.rule.head.pack = pack;
      if (claim.than) {
        claim.rule.than = claim.than->text;
        const bool known = std::ranges::any_of(rules_.packs, [&](const Pack& p) { return p.id == claim.than->text; });
        if (!known)
          sink(pack).add("pack.unknown-id", claim.than->at, "pack '" + printable(claim.than->text) + "'",
                         "a loaded pack");
      }
      rules_.claims.push_back(std::move(claim.rule));
    }
  }

  // Core hours are a fact about people: where a rule's own pack has none, those of the strongest pack that has count.
  void resolve_duty_views() {
    std::optional<std::size_t> common;
    for (std::size_t i = 0; i < rules_.packs.size(); ++i) {
      const bool better = !common || stronger(rules_.packs[i].layer, rules_.packs[*common].layer);
      if (rules_.packs[i].schedule && better) common = i;
    }
    for (RestRule& rule : rules_.rests) rule.duty_view = view_of(rule.head.pack, common);
    for (ClaimRule& claim : rules_.claims) claim.duty_view = view_of(claim.head.pack, common);
  }

  std::size_t view_of(std::size_t pack, std::optional<std::size_t> common) {
    const Pack& own = rules_.packs[pack];
    const DutyView view{own.duty_gap, own.schedule ? std::optional(pack) : common};
    const auto known = std::ranges::find(rules_.duty_views, view);
    const auto index = static_cast<std::size_t>(known - rules_.duty_views.begin());
    if (known == rules_.duty_views.end()) rules_.duty_views.push_back(view);
    return index;
  }

  void check_sizes() {
    if (rules_.rests.size() + rules_.exceptions.size() <= kRulesMax) return;
    errors_.push_back({"pack.too-large",
                       std::to_string(rules_.rests.size() + rules_.exceptions.size()) + " rests and exceptions",
                       "at most " + std::to_string(kRulesMax) + " in all packs together",
                       {},
                       {}});
  }

  std::vector<PackDraft> drafts_;
  Errors& errors_;
  Rules rules_;
  std::map<std::string, std::array<bool, 3>> touched_;  // by rule: minimum, grace, lead already adapted
};

namespace {

LoadedRules load_with(std::span<const PackSource> sources, const std::expected<Calendars, Errors>& calendars) {
  Errors errors;
  if (sources.size() > kPacksMax) {
    errors.push_back(
        {"pack.too-large", std::to_string(sources.size()) + " packs", "at most " + std::to_string(kPacksMax), {}, {}});
    return std::unexpected(std::move(errors));
  }
  if (!calendars) return std::unexpected(calendars.error());
  Zones zones;
  std::vector<PackDraft> drafts;
  for (const PackSource& source : sources) {
    ErrorSink sink(source.name, errors);
    const auto root = parse_document(source.name, source.toml);
    if (root) {
      drafts.push_back(read_pack(*root, source.name, *calendars, zones, sink));
    } else {
      sink.add(root.error());
    }
  }
  auto rules = Loader(std::move(drafts), errors).combine(digest_of(sources));
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return rules;
}

}  // namespace

LoadedRules load_packs(std::span<const PackSource> sources) {
  static const std::expected<Calendars, Errors> kShipped = read_calendars(shipped_calendars());  // never changes
  return load_with(sources, kShipped);
}

LoadedRules load_packs(std::span<const PackSource> sources, std::span<const CalendarSource> calendars) {
  return load_with(sources, read_calendars(calendars));
}

}  // namespace policy::pack
