// Findings of one kind each, and where they go. Inside of policy/check.
#pragma once

#include <string>
#include <vector>

#include "policy/pack/roster_csv.h"
#include "policy/pack/rules.h"

namespace policy::check {

class Collector {
 public:
  explicit Collector(const pack::Rules& rules) : rules_(rules) {}

  void add(std::string code, const pack::RuleHead& head, std::string seen, std::string remedy) {
    add(std::move(code), head.pack, head.at, std::move(seen), std::move(remedy));
  }
  void add(std::string code, std::size_t pack, pack::Position at, std::string seen, std::string remedy);

  const pack::Rules& rules() const { return rules_; }
  pack::Errors take();  // in the order of the packs, then of the places

 private:
  struct Found {
    std::size_t pack;
    pack::Position at;
    base::Error error;
  };
  const pack::Rules& rules_;
  std::vector<Found> found_;
};

void find_odd_times(Collector& found);
void find_zones(Collector& found);
void find_idle_rules(Collector& found);  // rests and exceptions
void find_idle_alarms(Collector& found);
void find_idle_retentions(Collector& found);
void find_idle_settings(Collector& found);
void find_contradictions(Collector& found);

}  // namespace policy::check
