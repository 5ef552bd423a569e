// Does a mutant live, and what would kill it. Pure.
#pragma once

#include <optional>
#include <string>

#include "policy/model/decision.h"
#include "policy/model/message_class.h"
#include "policy/mutate/mutants.h"
#include "policy/trial/trial.h"

namespace policy::mutate {

// No case fails, the pack still loads, and it is not proved (check::Cover) that the change shows nowhere. The pack
// itself must pass its cases.
bool survives(trial::Trial& trial, const Mutant& mutant);

// A case that the mutant would fail.
struct Hint {
  // Of the family: "case", "send", "limit", "load", "content", "devices", "sessions", "push", "log", "log_access",
  // "retention"; empty if
  // none was found: then facts are missing that show the difference.
  std::string family;
  // For "case": whose gate (a person of the cases, or of kTypicalPeople), what the rules as they are decide.
  std::string person;
  model::MessageClass message_class = model::MessageClass::kRoutine;
  base::Instant at;
  model::Decision decision;
  // For the others: what to expect, as TOML: `groups = ["wache"], class = "alarm", reason = "x", allowed = true`.
  std::string expect;
};

// Searches the decisions of the people of the cases, then those of typical people (typical.h), from a fortnight before
// their first fact to a month after the last; and the settings. Exact where it finds something.
Hint hint_for(trial::Trial& trial, const Mutant& mutant);

}  // namespace policy::mutate
