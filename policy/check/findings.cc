#include "policy/check/findings.h"

#include <algorithm>
#include <tuple>

#include "policy/check/collector.h"

namespace policy::check {

void Collector::add(std::string code, std::size_t pack, pack::Position at, std::string seen, std::string remedy) {
  found_.push_back(
      {pack, at, {std::move(code), std::move(seen), {}, std::move(remedy), where(rules_.packs[pack].source, at)}});
}

pack::Errors Collector::take() {
  std::ranges::stable_sort(found_, {}, [](const Found& f) { return std::pair(f.pack, f.at); });
  pack::Errors out;
  for (Found& one : found_) out.push_back(std::move(one.error));
  return out;
}

pack::Errors findings(const pack::RuleSet& rules) {
  Collector found(rules.rules());
  find_odd_times(found);
  find_zones(found);
  find_idle_rules(found);
  find_idle_alarms(found);
  find_idle_retentions(found);
  find_idle_settings(found);
  find_contradictions(found);
  return found.take();
}

}  // namespace policy::check
