// Packs in, one validated set of rules out. The only way to obtain a RuleSet is to load packs, so every RuleSet that
// exists has passed every check: unknown keys, types, ids, layers, bounds (design § 4 "Packs", "Adapting the law").
//
// Immutable after loading; share it as `std::shared_ptr<const RuleSet>` between threads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/model/message_class.h"

namespace policy::pack {

class RuleSet;  // the rules themselves; policy/decide knows its inside (policy/pack/rules.h)

struct PackSource {
  std::string name;  // shown in errors, normally the path
  std::string toml;
};

// All errors of all packs, not only the first. Each has `where` as "name:line:column".
// Codes: pack.syntax, pack.unknown-key, pack.type, pack.value, pack.missing-key, pack.unknown-id, pack.duplicate-id,
// pack.layer, pack.adapt, pack.ambiguous-time.
std::expected<std::shared_ptr<const RuleSet>, std::vector<base::Error>> load_packs(std::span<const PackSource> sources);

// What the gateway asks a rule set for, apart from decisions. Each is the strictest over all packs.
struct DeviceRules {
  std::uint32_t devices_max = 3;  // per person
  std::string cite;               // "byod-drei/devices"
};
struct SessionRules {
  base::Seconds lifetime{30 * 86400};  // of a session since its last full login
  base::Seconds idle{7 * 86400};
  std::uint32_t failures_max = 5;  // wrong passwords or codes in a row before an account is locked
  base::Seconds lock_for{15 * 60};
};
struct RetentionRules {
  base::Seconds ceiling{7 * 86400};  // never longer than this after acceptance
  base::Seconds floor{0};            // a client may not ask for less than this
  // From acceptance, or from the moment the gate lets the message pass (then still under `ceiling`).
  bool from_readable = false;
  base::Seconds period{7 * 86400};
  std::string rule;  // id of the rule that decided, "loeschfristen/retention.messages"
};

DeviceRules device_rules(const RuleSet& rules);
SessionRules session_rules(const RuleSet& rules);
RetentionRules retention_rules(const RuleSet& rules, model::MessageClass message_class);

// May somebody with these groups send this class, for this reason? Classes that no [[alarm]] rule names need no
// permission. Error: alarm.not-permitted, alarm.unknown-reason (with the reasons that are allowed).
base::Status may_send(const RuleSet& rules, std::span<const std::string> groups, model::MessageClass message_class,
                      std::string_view reason);

// SHA-256 over the packs' bytes in load order: names this rule set in the audit log. Lower-case hex.
const std::string& digest(const RuleSet& rules);

// Zone in which people of this rule set read the clock ("Europe/Berlin").
const std::string& zone(const RuleSet& rules);

}  // namespace policy::pack
