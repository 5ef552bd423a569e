#include "policy/diff/audience.h"

#include <map>
#include <set>

namespace policy::diff {
namespace {

void collect(const pack::Rules& rules, std::vector<const pack::Applies*>& all) {
  for (const auto& rest : rules.rests) all.push_back(&rest.applies);
  for (const auto& exception : rules.exceptions) all.push_back(&exception.applies);
  for (const auto& pack : rules.packs)
    if (pack.schedule) all.push_back(&pack.schedule->applies);
}

// Which of the rules name the group: groups with the same answer are one.
using NamedBy = std::vector<bool>;

std::map<NamedBy, std::vector<std::string>> names_of(const std::vector<const pack::Applies*>& all) {
  std::map<std::string, NamedBy> named_by;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i]->everybody) continue;
    for (const std::string& group : all[i]->groups) {
      NamedBy& rules = named_by[group];
      rules.resize(all.size());
      rules[i] = true;
    }
  }
  named_by.erase("*");
  std::map<NamedBy, std::vector<std::string>> names;
  for (const auto& [group, rules] : named_by) names[rules].push_back(group);
  return names;
}

std::vector<std::uint64_t> combinations(std::size_t count, bool cut) {
  std::vector<std::uint64_t> out;
  if (!cut) {
    for (std::uint64_t bits = 0; bits < (1ULL << count); ++bits) out.push_back(bits);
    return out;
  }
  out.push_back(0);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = i; j < count; ++j) out.push_back((1ULL << i) | (1ULL << j));
  out.push_back(count >= 64 ? ~0ULL : (1ULL << count) - 1);
  return out;
}

}  // namespace

Audiences audiences_of(const pack::Rules& before, const pack::Rules& after) {
  std::vector<const pack::Applies*> all;
  collect(before, all);
  collect(after, all);
  std::vector<std::vector<std::string>> names;
  Audiences out;
  for (auto& [rules, groups] : names_of(all)) {
    if (names.size() == 64) {  // what follows is in no combination
      out.cut = true;
      break;
    }
    names.push_back(groups);
  }
  out.cut = out.cut || names.size() > kGroupsMax;
  std::set<NamedBy> seen;
  for (const std::uint64_t bits : combinations(names.size(), out.cut)) {
    Audience audience;
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto& side = ((bits >> i) & 1U) != 0 ? audience.in : audience.out;
      side.insert(side.end(), names[i].begin(), names[i].end());
    }
    NamedBy applies;
    for (const pack::Applies* one : all) applies.push_back(pack::applies_to(*one, audience.in));
    if (seen.insert(applies).second) out.all.push_back(std::move(audience));
  }
  return out;
}

}  // namespace policy::diff
