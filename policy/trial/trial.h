// The cases beside a pack, tried on rules: what each expects and what the rules say instead.
//
// Pure. A Trial owns packs and cases; it is not thread-safe (it keeps what loading has read), copies are independent.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "policy/pack/cases.h"
#include "policy/pack/reload.h"

namespace policy::trial {

struct Outcome {
  pack::Position at;  // of the case, in cases.toml
  std::string name;
  std::string mismatch;  // empty: as expected
};

class Trial {
 public:
  // The pack that the cases are about comes first, then those that its cases name.
  Trial(std::vector<pack::ParsedPack> packs, pack::Cases cases) : packs_(std::move(packs)), cases_(std::move(cases)) {}

  // `root`, where given, stands for the first pack.
  pack::LoadedRules load(const pack::Value* root = nullptr) { return reloader_.load(packs_, root); }

  // All outcomes in the order of the families (cases.h). `root` as it was for load().
  std::vector<Outcome> outcomes(const pack::RuleSet& rules, const pack::Value* root = nullptr);
  // Is any case not as expected? Stops at the first.
  bool fails(const pack::RuleSet& rules, const pack::Value* root = nullptr);

  const pack::Cases& cases() const { return cases_; }
  const pack::ParsedPack& pack() const { return packs_.front(); }

 private:
  // Calls `visit` with each outcome until it returns false.
  void run(const pack::RuleSet& rules, const pack::Value* root, const std::function<bool(Outcome)>& visit);
  std::string load_mismatch(const pack::LoadCase& wanted, const pack::Value* root);

  std::vector<pack::ParsedPack> packs_;
  pack::Cases cases_;
  pack::Reloader reloader_;
};

}  // namespace policy::trial
