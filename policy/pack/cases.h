// cases.toml: what a pack must decide, as data. Facts, instant, decision, reasons.
//
//   packs = ["../arbzg/pack.toml"]                    further packs, relative to the file
//   [[person]]    id, groups, roster = [{kind, begin, end}], interruptions = [{begin, end}],
//                 overrides = [{rule, role, reason, begin, end}], self_openings = [{begin, end}]
//   [[case]]      name, person, class, at, effect, rules, until
//   [[send]]      name, groups, class, reason, allowed, code
//   [[limit]]     name, groups, class, limits (a list of texts as "3 per 24h", any order)
//   [[load]]      name, pack (the text of a further pack), loads, code (of one of the errors): bounds and layers
//   [[devices]]   name, max, private, cite
//   [[sessions]]  name, factors, lifetime, idle, step_up, failures, lock_for
//   [[retention]] name, class, period, ceiling, floor, clock, rule
//   [[push]]      name, payload, jitter, classes (a list), cite
//   [[log]]       name, record, keep, rule
//   [[log_access]] name, smallest_cell, told_after, purposes (a list), cite
//   [[content]]   name, text, stops, warns (ids of markers, default none), label, allowed (is it? default true)
//
// Values. Errors as for packs, and case.unknown-person, case.interval, case.empty.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/model/decision.h"
#include "policy/model/facts.h"
#include "policy/pack/document.h"
#include "policy/pack/roster_csv.h"
#include "policy/pack/rule_set.h"

namespace policy::pack {

struct DecisionCase {
  std::string name;
  Position at;
  std::string person;
  model::MessageClass message_class = model::MessageClass::kRoutine;
  base::Instant instant;
  model::Effect effect = model::Effect::kHold;
  std::vector<std::string> rules;
  std::optional<base::Instant> until;  // absent: not checked
};

struct SendCase {
  std::string name;
  Position at;
  std::vector<std::string> groups;
  model::MessageClass message_class = model::MessageClass::kAlarm;
  std::string reason;
  bool allowed = false;
  std::string code;  // of the refusal
};

// How often somebody with these groups may send the class.
struct LimitCase {
  std::string name;
  Position at;
  std::vector<std::string> groups;
  model::MessageClass message_class = model::MessageClass::kAlarm;
  std::vector<std::string> limits;  // sorted
};

// Another pack beside the ones of the case: what a weaker layer may adapt or set, and what it may not.
struct LoadCase {
  std::string name;
  Position at;
  std::string pack;  // TOML
  bool loads = false;
  std::string code;  // of an error
};

struct ContentCase {
  std::string name;
  Position at;
  std::string text;
  std::vector<std::string> stops, warns;
  std::optional<std::string> label;  // absent: not checked
  bool allowed = true;               // the label
};

// Expected settings; what is absent is not checked.
struct SettingsCase {
  std::string name;
  Position at;
  std::string about;                                      // "devices", "sessions", "push", "retention routine"
  std::vector<std::pair<std::string, std::string>> want;  // key, value as text
};

struct Cases {
  std::vector<std::string> packs;
  model::People people;
  std::vector<DecisionCase> decisions;
  std::vector<SendCase> sends;
  std::vector<SettingsCase> settings;
  std::vector<ContentCase> contents;
  std::vector<LimitCase> limits;
  std::vector<LoadCase> loads;
};

std::expected<Cases, Errors> read_cases(std::string_view name, std::string_view toml);

// What a case expects and what the rules say instead; empty if they agree. Decisions are checked by the caller, who can
// decide; these need the rules only.
std::string mismatch(const SendCase& wanted, const RuleSet& rules);
std::string mismatch(const SettingsCase& wanted, const RuleSet& rules);
std::string mismatch(const ContentCase& wanted, const RuleSet& rules);
std::string mismatch(const LimitCase& wanted, const RuleSet& rules);
// `loaded`: the packs of the case together with that of `wanted`.
std::string mismatch(const LoadCase& wanted, const LoadedRules& loaded);

}  // namespace policy::pack
