// Packs that are already trees, loaded together: for whoever changes a value and asks again (policy/mutate), where
// reading text and the tz database each time would take most of it.
//
// The rules are those that load_packs() gives for the same packs, except that the digest is empty: there are no bytes
// to take it of. Not thread-safe; one a thread. Copies share what they have read.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "policy/pack/document.h"
#include "policy/pack/rule_set.h"
#include "policy/time/zone.h"

namespace policy::pack {

struct ParsedPack {
  std::string name;  // as PackSource::name
  Value root;
};

// Errors as parse_document().
base::Result<ParsedPack> parse_pack(const PackSource& source);

class Reloader {
 public:
  // Errors as load_packs(), with the holidays of rules/calendars. `root`, where given, stands for that of the first
  // pack.
  LoadedRules load(std::span<const ParsedPack> packs, const Value* root = nullptr);

 private:
  std::map<std::string, std::shared_ptr<const time::Zone>, std::less<>> zones_;
};

}  // namespace policy::pack
