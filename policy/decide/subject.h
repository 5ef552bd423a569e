// One person under one rule set, prepared once for looking at many spans of time; inside of policy/decide.
//
// Keeps references to rules and facts, which outlive it. Const members are thread-safe.
#pragma once

#include <span>
#include <vector>

#include "policy/base/instant.h"
#include "policy/model/facts.h"
#include "policy/pack/rules.h"

namespace policy::decide {

// False if a rule cannot be evaluated for these facts: entries of the roster, interruptions, overrides or own openings
// that end before they begin or lie outside the years 1 to 9999. Then everything holds.
bool evaluable(const model::PersonFacts& facts);

// Can it hold or silence any of these?
bool closes(const pack::RestRule& rule, pack::ClassSet classes);

// An exception that pierces a rest of the person, and the classes for which it pierces one that closes them: only for
// these it can change anything.
struct OwnException {
  const pack::ExceptionRule* rule = nullptr;
  pack::ClassSet classes;
};

class Subject {
 public:
  Subject(const pack::Rules& rules, const model::PersonFacts& facts);

  const pack::Rules& rules() const { return rules_; }
  const model::PersonFacts& facts() const { return facts_; }

  // As above; if it is not, nothing below may be asked but rests().
  bool evaluable() const { return evaluable_; }

  // The rules that are for this person, strongest layer first, then by id; and the exceptions that pierce one of them,
  // in their order.
  std::span<const pack::RestRule* const> rests() const { return rests_; }
  std::span<const OwnException> exceptions() const { return exceptions_; }

  // All entries that reach into the span, and some that do not, in their order.
  std::span<const model::RosterEntry> roster_around(base::Interval span) const;
  // Sorted.
  std::span<const base::Interval> interruptions() const { return interruptions_; }
  // The end of the last fact of any kind; kBeginningOfTime without any.
  base::Instant last_fact() const { return last_fact_; }

 private:
  void choose_rules();
  void look_through_facts();

  const pack::Rules& rules_;
  const model::PersonFacts& facts_;
  std::vector<const pack::RestRule*> rests_;
  std::vector<OwnException> exceptions_;
  std::vector<base::Interval> interruptions_;
  base::Instant last_fact_ = base::kBeginningOfTime;
  base::Seconds longest_{0};  // of all roster entries
  bool sorted_ = true;        // the roster is, as its contract says
  bool evaluable_ = true;
};

}  // namespace policy::decide
