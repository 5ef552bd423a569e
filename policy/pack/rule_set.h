// Packs in, one validated set of rules out. The only way to obtain a RuleSet is to load packs, so every RuleSet that
// exists has passed every check: unknown keys, types, ids, layers, bounds (design § 4 "Packs", "Adapting the law").
//
// Immutable after loading; share it as `std::shared_ptr<const RuleSet>` between threads.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/instant.h"
#include "policy/base/result.h"
#include "policy/match/content.h"
#include "policy/model/message_class.h"
#include "policy/pack/calendar.h"

namespace policy::pack {

class RuleSet;  // the rules themselves; policy/decide knows its inside (policy/pack/rules.h)

struct PackSource {
  std::string name;  // shown in errors, normally the path
  std::string toml;
};

constexpr std::size_t kPacksMax = 64;
constexpr std::size_t kRulesMax = 1000;  // rests and exceptions of all packs together

// All errors of all packs, not only the first (up to 100). Each has `where` as "name:line:column".
// Codes: pack.syntax, pack.too-large, pack.too-deep, pack.unknown-key, pack.type, pack.value, pack.missing-key,
// pack.unknown-id, pack.duplicate-id, pack.layer, pack.adapt, pack.parameter; for patterns marker.*; for calendars
// csv.*, calendar.when, calendar.year. Explained in rules/schema/errors.md. The first overload knows the holidays of
// rules/calendars. Reads the machine's tz database; nothing else of the policy rooms does, and no decision.
using LoadedRules = std::expected<std::shared_ptr<const RuleSet>, std::vector<base::Error>>;
LoadedRules load_packs(std::span<const PackSource> sources);
LoadedRules load_packs(std::span<const PackSource> sources, std::span<const CalendarSource> calendars);

// What the gateway asks a rule set for, apart from decisions. Each is the strictest over all packs.
struct DeviceRules {
  std::uint32_t devices_max = 3;       // per person
  bool private_needs_consent = false;  // a private device is enrolled only with a recorded, revocable consent
  std::string cite;                    // "byod-drei/devices"; empty if no pack says anything
};
struct SessionRules {
  base::Seconds lifetime{30 * 86400};  // of a session since its last full login
  base::Seconds idle{7 * 86400};
  std::uint32_t failures_max = 5;  // wrong passwords or codes in a row before an account is locked
  base::Seconds lock_for{15 * 60};
  std::uint32_t factors = 2;       // how many a full login needs
  base::Seconds step_up{15 * 60};  // how long a fresh factor counts for what needs one
  std::string cite;                // "zwei-faktor/sessions"; empty if no pack says anything
};
struct RetentionRules {
  base::Seconds ceiling{7 * 86400};  // never longer than this after acceptance
  base::Seconds floor{0};            // a client may not ask for less than this
  // From acceptance, or from the moment the gate lets the message pass (then still under `ceiling`).
  bool from_readable = false;
  base::Seconds period{7 * 86400};
  std::string rule;  // id of the rule that decided, "retention.messages"; empty if no pack has one
  bool operator==(const RetentionRules&) const = default;
};

DeviceRules device_rules(const RuleSet& rules);
SessionRules session_rules(const RuleSet& rules);
RetentionRules retention_rules(const RuleSet& rules, model::MessageClass message_class);

// May somebody with these groups send this class, for this reason? Classes that no [[alarm]] rule names need no
// permission. Error: alarm.not-permitted, alarm.unknown-reason (with the reasons that are allowed).
base::Status may_send(const RuleSet& rules, std::span<const std::string> groups, model::MessageClass message_class,
                      std::string_view reason);

// How often one person with these groups may send this class: every limit that applies, all of which must hold.
struct SendLimit {
  std::uint64_t count = 0;
  base::Seconds per{};
  std::string rule;
};
std::vector<SendLimit> send_limits(const RuleSet& rules, std::span<const std::string> groups,
                                   model::MessageClass message_class);

using ClassSet = std::bitset<model::kMessageClassCount>;
constexpr std::size_t index_of(model::MessageClass message_class) { return static_cast<std::size_t>(message_class); }

// What a text may be labelled, and what is looked for in it before it is encrypted: match::Content::compile(markers).
// Labels are those that every pack which names any allows; empty: no pack restricts them.
struct ContentSettings {
  struct Source {
    std::string title_de, title_en, cite;  // each may be empty
  };
  std::vector<std::string> labels;
  std::vector<match::ContentMarker> markers;
  std::vector<Source> sources;  // of the markers, in their order
};
ContentSettings content_rules(const RuleSet& rules);

// What a push wake-up may carry. The strictest of all packs.
enum class PushPayload : std::uint8_t { kClass, kNothing };  // the class, or not even that
struct PushRules {
  PushPayload payload = PushPayload::kClass;
  base::Seconds jitter{0};              // a wake-up is delayed by up to this long, so that its time says less
  ClassSet classes = ClassSet().set();  // which classes may wake a device at all
  std::string cite;                     // "push-anonym/push"; empty if no pack says anything
};
PushRules push_rules(const RuleSet& rules);

// What the metadata log may be asked, and who is told. The strictest of all packs.
struct LogAccessRules {
  std::uint32_t smallest_cell = 5;       // no count of people below it is told
  base::Seconds told_after{30 * 86400};  // whose pseudonym was opened is told at the latest then
  std::vector<std::string> purposes;     // ids of the log's vocabulary; empty: no pack restricts them
  std::string cite;                      // "protokoll/log_access"; empty if no pack says anything
};
LogAccessRules log_access_rules(const RuleSet& rules);

// An [[exception]] by which somebody in a role may open another person's gate for a while.
struct OverrideRules {
  std::string id;
  std::string role;  // directory group
  std::vector<std::string> reasons;
  base::Seconds longest{0};
  std::uint32_t per_week = 0;
  ClassSet classes;
  std::string cite;
};
// The overrides that there are for a person with these groups.
std::vector<OverrideRules> overrides_for(const RuleSet& rules, std::span<const std::string> groups);
// May somebody in these roles (groups) use this override for this reason? For whom and how often is decide's business
// (policy/decide/exceptions.h). Errors: override.unknown, override.not-permitted, override.unknown-reason.
base::Status may_override(const RuleSet& rules, std::string_view exception, std::span<const std::string> roles,
                          std::string_view reason);
// For how long a person with these groups may open the own gate; nothing where no pack has a [self_open] for them.
// Where several have, the longest: each of them ends its own part earlier.
std::optional<base::Seconds> self_open_max(const RuleSet& rules, std::span<const std::string> groups);

// SHA-256 over the packs in load order, each as its size in bytes (8 bytes, big-endian) and its bytes: names this rule
// set in the audit log. Lower-case hex.
const std::string& digest(const RuleSet& rules);

// Zone in which people of this rule set read the clock ("Europe/Berlin").
const std::string& zone(const RuleSet& rules);

}  // namespace policy::pack
