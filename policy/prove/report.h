// What a proof says, whether it was a sweep over a roster or symbolic. Values, made for people to read and machines to
// keep; nothing in them refers to rules or facts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/model/facts.h"
#include "policy/pack/rules.h"
#include "policy/prove/claims.h"

namespace policy::prove {

enum class Verdict : std::uint8_t {
  kHolds,
  kFails,
  kNotProven,  // nothing was found against it, but not everything was looked at; `reason` says what
};
std::string_view name_of(Verdict verdict);  // "holds", "fails", "not-proven"

// Somebody for whom a claim does not hold, or whose roster leaves no room for it.
struct Counterexample {
  std::string person;
  Shortfall shortfall;
  std::vector<std::string> rules;           // that closed during what was found and did not suffice; by id, rests first
  std::optional<model::PersonFacts> facts;  // of a made-up person, for a symbolic proof
};

constexpr std::size_t kCounterexamplesMax = 10;  // kept of each claim, the earliest; all are counted

struct ClaimReport {
  std::string id;
  pack::ClaimKind kind = pack::ClaimKind::kRestAfterDuty;
  base::Seconds minimum;  // zero where the kind has none
  pack::ClaimDuring during = pack::ClaimDuring::kAbsence;
  std::string than;
  pack::ClassSet classes;
  std::string cite;
  Verdict verdict = Verdict::kNotProven;
  // Of kNotProven: prove.nothing-checked in a sweep; prove.too-hard, prove.repeated-interruptions, prove.unconfirmed,
  // prove.not-expressible in a symbolic proof.
  base::Error reason;
  std::uint64_t places = 0;  // duties, days, weeks or stretches looked at; calendars, for a symbolic proof
  std::uint64_t failures = 0;
  std::uint64_t roster_breaches = 0;
  std::uint64_t interrupted = 0;  // rests that an interruption cut short of what was left before the next duty
  std::vector<Counterexample> counterexamples;  // earliest first
  std::vector<Counterexample> breaches;         // of roster and interruptions, earliest first
  std::vector<std::string> suspended_by;        // exceptions of use (override, self-open) that lift the claim
};

struct Coverage {
  std::string id;
  bool covered = false;
  base::Seconds closed;  // rests: for how long, over all people; exceptions: how long they pierced something
  std::uint64_t people = 0;
};

struct Report {
  bool symbolic = false;
  std::string digest;
  base::Interval span;  // of a sweep; of a symbolic proof the calendars looked at
  std::uint64_t people = 0;
  std::uint64_t duties = 0;
  std::uint64_t unevaluable =
      0;  // people whose facts no rule can be evaluated for: everything holds, nothing is proved
  std::vector<base::Instant> clock_changes;
  std::vector<ClaimReport> claims;
  std::vector<Coverage> rests;
  std::vector<Coverage> exceptions;       // on-call and window; of the others see suspended_by
  std::vector<std::string> out_of_scope;  // families of the packs that no claim speaks of: "devices", "retention" …

  // Every claim holds, there is at least one, and every rule was covered.
  bool ok() const;
};

}  // namespace policy::prove
