// Was a logged decision the one that rules and facts demand? The log's entry about a held message names everything
// that the decision was made of by digest; whoever has the rules and the facts of that moment decides again and
// compares.
//
// The entry does not hold the facts: they are a person's roster. It holds a commitment to them,
//
//   HMAC-SHA-256(input key of the month, SHA-256(canonical facts))
//
// because a plain digest of somebody's groups and duties would name that person to everybody who can list the staff.
// The input key comes out of the month's key, which only data protection officer and staff council open together
// (audit/pseudonym/pseudonym.h): no replay of a single person's decision without them.
//
// Pure; values; safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/sha256.h"
#include "policy/bundle/pins.h"
#include "policy/model/decision.h"
#include "policy/model/facts.h"
#include "policy/model/message_class.h"
#include "policy/pack/rule_set.h"

namespace policy::replay {

constexpr std::size_t kRecordedRulesMax = 16;
constexpr std::size_t kRecordedRuleBytesMax = 64;

// What the log says about one held message (record `message-held-by`, audit/event/records.def).
struct HeldEntry {
  model::MessageClass message_class = model::MessageClass::kRoutine;
  model::Effect effect = model::Effect::kHold;
  std::vector<std::string> rules;  // as recorded_rules()
  base::Instant until;
  base::Instant decided_at;
  bundle::Pins pins;
  base::Sha256 input{};
  bool operator==(const HeldEntry&) const = default;
};

// By the names of the record's fields, as feierabend-audit show --json gives them; other fields are left alone.
// Errors: held.missing, held.value; `where` is the field.
base::Result<HeldEntry> read_entry(std::span<const std::pair<std::string, std::string>> fields);

// SHA-256 of the canonical facts (policy/model/canonical.h), not yet fit for the log.
base::Sha256 input_of(const model::PersonFacts& facts);
base::Sha256 committed(const base::Sha256& input_key, const base::Sha256& input);

// The rules of a decision as the log can hold them: the first 16; an id that it cannot hold is "unknown".
std::vector<std::string> recorded_rules(const model::Decision& decision);

// What gateway and replay both make of a decision.
HeldEntry entry_of(const model::Decision& decision, model::MessageClass message_class, base::Instant decided_at,
                   const bundle::Pins& pins, const base::Sha256& committed_input);

// The decision in an entry as text, one line a field: what is compared byte for byte.
std::string record_text(const HeldEntry& entry);

struct Difference {
  std::string_view part;  // "bundle", "tzdata", "holidays", "input", "decision"
  std::string logged, here;
  bool operator==(const Difference&) const = default;
};

struct Outcome {
  std::string logged, again;  // record_text() of both
  std::vector<Difference> differences;
  bool same() const { return differences.empty(); }
};

// Decides again and says what differs. With other rules, zones, holidays or facts it is no replay, and each of them is
// named; the decision is compared in any case.
Outcome replay(const HeldEntry& entry, const pack::RuleSet& rules, const bundle::Pins& pins,
               const model::PersonFacts& facts, const base::Sha256& input_key);

}  // namespace policy::replay
